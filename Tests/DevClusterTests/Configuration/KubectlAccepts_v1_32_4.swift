// Documents that kubectl v1.32.4-dispatcher accepts; see `KubectlRecording`.
extension KubectlRecording {
    /// A good file.
    static let good = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            metadata:
              name: angzarr
            spec:
              engine: podman
              registry: {port: 5001}
              timeouts: {build: 60m}

            """,
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{},"name":"angzarr"},"spec":{"engine":"podman","registry":{"port":5001},\
            "timeouts":{"build":"60m"}}}

            """,
        errorOutput: "")

    /// Windows line ends.
    static let crlf = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1\r
            kind: DevCluster\r
            metadata:\r
              name: angzarr\r

            """,
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{},"name":"angzarr"}}

            """,
        errorOutput: "")

    /// A byte order mark.
    static let byteOrderMark = KubectlRecording(
        file: "\u{FEFF}apiVersion: devcluster.dev/v1\nkind: DevCluster\n",
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}}}

            """,
        errorOutput: "")

    /// Nothing but the header.
    static let onlyHeader = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\nkind: DevCluster\n",
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}}}

            """,
        errorOutput: "")

    /// A key that stands twice.
    static let duplicateKey = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            metadata: {name: first, name: last}

            """,
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{},"name":"last"}}

            """,
        errorOutput: "")

    /// Separators around the document.
    static let separators = KubectlRecording(
        file: "---\napiVersion: devcluster.dev/v1\nkind: DevCluster\n---\n",
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}}}

            """,
        errorOutput: "")

    /// A list of one document.
    static let oneItem = KubectlRecording(
        file: """
            kind: List
            apiVersion: v1
            items: [{apiVersion: devcluster.dev/v1, kind: DevCluster}]

            """,
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}}}

            """,
        errorOutput: "")

    /// Unusual scalars.
    static let numbers = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            spec: {a: 12:30, b: 0x1F, c: 1_000, d: 9223372036854775807, e: 1.10, yes: on\
            , g: }

            """,
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}},"spec":{"a":"12:30","b":31,"c":1000,"d":9223372036854775807,"e":1.1,\
            "g":null,"true":true}}

            """,
        errorOutput: "")

    /// No apiVersion.
    static let missingVersion = KubectlRecording(
        file: "kind: DevCluster\n",
        code: 0,
        output: """
            {"kind":"DevCluster","metadata":{"annotations":{}}}

            """,
        errorOutput: "")

    /// A kind ending in List.
    static let listKind = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\nkind: DevClusterList\nitems: []\n",
        code: 0,
        output: "",
        errorOutput: "")

    /// Two documents.
    static let two = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            ---
            apiVersion: devcluster.dev/v1
            kind: DevCluster

            """,
        code: 0,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}}}
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}}}

            """,
        errorOutput: "")

    /// Nothing.
    static let empty = KubectlRecording(
        file: "",
        code: 0,
        output: "",
        errorOutput: "")

    /// Comments only.
    static let comments = KubectlRecording(
        file: "# one\n\n---\n# two\n",
        code: 0,
        output: "",
        errorOutput: "")
}
