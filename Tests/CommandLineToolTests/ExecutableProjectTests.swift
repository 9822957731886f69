import ChildProcess
import Foundation
import TestSupport
import Testing

/// Projects that only the machine's own tools tell something of; no engine does anything here.
@Suite struct `The built executable, in projects` {
    private let tool: BuiltTool

    init() throws {
        tool = try BuiltTool()
        // There is nothing yet: no container, no network.
        try tool.install(
            "podman",
            """
            case "$1 $2" in
            "inspect --type") echo '[]'; echo "Error: no such container $4" >&2; exit 125;;
            "network inspect") echo '[]'; echo "Error: network not found" >&2; exit 125;;
            esac
            """)
        // kubectl 1.32.4 without a kubeconfig.
        try tool.install(
            "kubectl",
            """
            echo '{"kind":"Config","apiVersion":"v1","preferences":{},"clusters":null,"users":null,\
            "contexts":null,"current-context":""}'
            """)
        for name in ["kind", "curl"] { try tool.install(name, "exit 0") }
    }

    private func configure(_ spec: String) throws {
        try tool.write(
            """
            {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster", "metadata": {"name": "shop"},
             "spec": \(spec)}
            """, to: "devcluster.json")
    }

    @Test(arguments: [
        ["HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost,127.0.0.1"],
        ["https_proxy": "http://127.0.0.1:9", "no_proxy": "localhost,127.0.0.1"],
    ]) func `nodes made under a proxy reach the registry without it`(proxy: [String: String])
        async throws
    {
        try configure(#"{"registry": {"name": "shop-registry", "port": \#(freePort())}}"#)
        let up = try await tool.run(["up", "--dry-run"], environment: proxy)
        #expect(up.exit == .code(0), "\(up.errorText)")
        let create = up.text.split(separator: "\n").filter { $0.contains("kind create cluster") }
        #expect(create.count == 1, "\(up.text)")
        let names = "localhost,127.0.0.1,shop-registry,.svc,.cluster.local"
        #expect(create.first?.contains(" NO_PROXY=\(names) no_proxy=\(names) kind ") == true)
        let plain = try await tool.run("up", "--dry-run")
        #expect(!plain.text.contains("NO_PROXY"))
    }

    @Test(arguments: ["unique", "inputDigest", "gitCommit"])
    func `a link that leads out of the context is an error before anything is built`(
        policy: String
    ) async throws {
        try configure(
            #"{"images": [{"name": "web", "context": "app"}], "tagPolicy": "\#(policy)"}"#)
        try tool.write("FROM scratch\nCOPY common /common\n", to: "app/Containerfile")
        try tool.write("lib", to: "shared/lib.txt")
        let project = tool.folder.file("project")
        try FileManager.default.createSymbolicLink(
            atPath: "\(project)/app/common", withDestinationPath: "alias")
        try FileManager.default.createSymbolicLink(
            atPath: "\(project)/app/alias", withDestinationPath: "../shared")
        let build = try await tool.run("build")
        #expect(build.exit == .code(64), "\(build.errorText)")
        #expect(
            build.errorText.contains("error: app/common leads out of the context of image 'web'"),
            "\(build.errorText)")
        #expect(
            build.errorText.contains(
                "hint: give the image a context above both (context: ., containerfile:"
                    + " app/Containerfile)"))
    }

    @Test(
        .enabled(
            if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil),
        arguments: ["docker-compose.yml", "skaffold.yaml"])
    func `init takes a shared context from what builds the images today`(file: String)
        async throws
    {
        let parts = ["api", "web"]
        for name in parts {
            try tool.write(
                "FROM scratch\nCOPY shared/lib.txt /\n", to: "services/\(name)/Dockerfile")
            try tool.write(
                """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\(name)"},
                 "spec": {"containers": [{"name": "\(name)", "image": "acme/shop-\(name)"}]}}
                """, to: "deploy/\(name).yaml")
        }
        try tool.write("lib", to: "shared/lib.txt")
        let entries = parts.map { name in
            file == "skaffold.yaml"
                ? "    - {image: acme/shop-\(name), context: ., docker: {dockerfile:"
                    + " services/\(name)/Dockerfile}}"
                : "  \(name): {build: {context: ., dockerfile: services/\(name)/Dockerfile},"
                    + " image: acme/shop-\(name)}"
        }
        let head =
            file == "skaffold.yaml"
            ? "apiVersion: skaffold/v4beta6\nkind: Config\nbuild:\n  artifacts:\n" : "services:\n"
        try tool.write(head + entries.joined(separator: "\n") + "\n", to: file)
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        let outcome = try await tool.run(["init"], environment: ["PATH": path])
        #expect(outcome.exit == .code(0), "\(outcome.errorText)")
        let text = try tool.folder.text("project/devcluster.yaml")
        for name in parts {
            #expect(
                text.contains(
                    """
                        - name: shop-\(name)
                          context: "."
                          containerfile: services/\(name)/Dockerfile
                          matches: [acme/shop-\(name)]
                    """), "\(text)")
        }
    }
}
