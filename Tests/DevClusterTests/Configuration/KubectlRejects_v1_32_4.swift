// Documents that kubectl v1.32.4-dispatcher rejects; see `KubectlRecording`.
extension KubectlRecording {
    /// A bracket that is not closed.
    static let openBracket = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            spec:
              a: [1, 2
              b: 3

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 4: di\
            d not find expected ',' or ']'

            """)

    /// A bracket that is not closed, below comments and a separator.
    static let openBracketBelowHeader = KubectlRecording(
        file: """
            # licence
            # two
            ---
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            spec:
              a: [1, 2
              b: 3

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 4: di\
            d not find expected ',' or ']'

            """)

    /// A bracket that is not closed, below a separator.
    static let openBracketBelowSeparator = KubectlRecording(
        file: """
            ---
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            spec:
              a: [1, 2
              b: 3

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 5: di\
            d not find expected ',' or ']'

            """)

    /// A bracket that is not closed, below two separators.
    static let openBracketBelowTwoSeparators = KubectlRecording(
        file: """
            ---
            # c
            ---
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            spec:
              a: [1, 2
              b: 3

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 4: di\
            d not find expected ',' or ']'

            """)

    /// A tab.
    static let tab = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            metadata:
            \tname: a

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 4: foun\
            d character that cannot start any token

            """)

    /// Uneven indentation.
    static let indentation = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            spec:
               a: 1
              b: 3

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 4: di\
            d not find expected key

            """)

    /// A quote that is not closed.
    static let openQuote = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            spec: "abc

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 4: foun\
            d unexpected end of stream

            """)

    /// An anchor that does not exist.
    static let unknownAnchor = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\nkind: DevCluster\nspec: *x\n",
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: unknown anch\
            or 'x' referenced

            """)

    /// Two colons in a line.
    static let twoColons = KubectlRecording(
        file: "kind: a: b\n",
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: mapping valu\
            es are not allowed in this context

            """)

    /// A YAML directive.
    static let directive = KubectlRecording(
        file: "%YAML 1.1\n---\napiVersion: devcluster.dev/v1\nkind: DevCluster\n",
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 1: di\
            d not find expected <document start>

            """)

    /// A number that JSON has not.
    static let infinity = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\nkind: DevCluster\nspec: {a: .inf}\n",
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: json: unsupporte\
            d value: +Inf

            """)

    /// A separator with text.
    static let noSeparator = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\nkind: DevCluster\n---foo\n",
        code: 1,
        output: "",
        errorOutput: "error: error parsing FILE: invalid Yaml document separator: foo\n")

    /// JSON with a mistake.
    static let jsonInYAML = KubectlRecording(
        file: """
            {"kind": "DevCluster",}
            """,
        code: 1,
        output: "",
        errorOutput: """
            error: error parsing FILE: json: offset 23: invalid character '}' looking fo\
            r beginning of object key string

            """)

    /// No kind.
    static let missingKind = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\n",
        code: 1,
        output: "",
        errorOutput: """
            error: unable to decode "FILE": Object 'Kind' is missing in '{"apiVersion":"\
            devcluster.dev/v1"}'

            """)

    /// An apiVersion of three parts.
    static let malformedVersion = KubectlRecording(
        file: "apiVersion: a/b/c\nkind: DevCluster\n",
        code: 1,
        output: "",
        errorOutput: """
            error: unable to decode "FILE": Object 'Kind' is missing in '{"apiVersion":"\
            a/b/c","kind":"DevCluster"}'

            """)

    /// A number as apiVersion.
    static let numericVersion = KubectlRecording(
        file: "apiVersion: 1\nkind: DevCluster\n",
        code: 1,
        output: "",
        errorOutput: """
            error: unable to decode "FILE": json: cannot unmarshal number into Go struc\
            t field metadataOnlyObject.apiVersion of type string

            """)

    /// A number as name.
    static let numericName = KubectlRecording(
        file: """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            metadata: {name: 5}

            """,
        code: 1,
        output: "",
        errorOutput: """
            error: unable to decode "FILE": json: cannot unmarshal number into Go struc\
            t field ObjectMeta.metadata.name of type string

            """)

    /// A text as metadata.
    static let textMetadata = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\nkind: DevCluster\nmetadata: hello\n",
        code: 1,
        output: "",
        errorOutput: """
            error: unable to decode "FILE": json: cannot unmarshal string into Go struc\
            t field metadataOnlyObject.metadata of type v1.ObjectMeta

            """)

    /// A list.
    static let list = KubectlRecording(
        file: "- a\n- b\n",
        code: 1,
        output: "",
        errorOutput: """
            error: unable to decode "FILE": json: cannot unmarshal array into Go value o\
            f type unstructured.detector

            """)

    /// A lone word.
    static let scalar = KubectlRecording(
        file: "hello\n",
        code: 1,
        output: "",
        errorOutput: """
            error: unable to decode "FILE": json: cannot unmarshal string into Go valu\
            e of type unstructured.detector

            """)

    /// A good document, then a broken one.
    static let secondBroken = KubectlRecording(
        file: "apiVersion: devcluster.dev/v1\nkind: DevCluster\n---\nfoo: [\n",
        code: 1,
        output: """
            {"apiVersion":"devcluster.dev/v1","kind":"DevCluster","metadata":{"annotatio\
            ns":{}}}

            """,
        errorOutput: """
            error: error parsing FILE: error converting YAML to JSON: yaml: line 1: di\
            d not find expected node content

            """)
}
