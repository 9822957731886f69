import ChildProcess
import Foundation
import Testing

/// A cluster and a registry of others, for the time of these tests: a kind cluster that devcluster
/// did not make, and a registry with TLS, an authority of its own, and a password.
struct OthersWorld {
    let world: LiveWorld
    let context: String
    let registry: String
    /// Host and port of the registry.
    let host: String

    private static let password = "user:secret"
    /// What an `auth` field holds of it.
    static var encoded: String { Data(password.utf8).base64EncodedString() }

    private var cluster: String { "\(world.cluster)-team" }
    private var environment: [String: String] { OthersWorld.environment(world) }

    /// Their kubeconfig is not the one in which our cluster has its entry.
    private static func environment(_ world: LiveWorld) -> [String: String] {
        world.environment.merging([
            "KUBECONFIG": "\(world.folder)/team-kubeconfig",
            "KIND_EXPERIMENTAL_PROVIDER": "podman", "HOME": "\(world.folder)/home",
            "REGISTRY_AUTH_FILE": "\(world.folder)/auth.json",
        ]) { $1 }
    }
    private var node: String { "\(cluster)-control-plane" }

    static func make(_ world: LiveWorld) async throws -> OthersWorld {
        let cluster = "\(world.cluster)-team"
        // podman refuses to start when the file that it is told of is not there.
        try world.write("auth.json", "{}")
        try FileManager.default.createDirectory(
            atPath: "\(world.folder)/home", withIntermediateDirectories: true)
        let image = ProcessInfo.processInfo.environment["DEVCLUSTER_NODE_IMAGE"]
        try await world.runner.run(
            Invocation(
                "kind",
                ["create", "cluster", "--name", cluster] + (image.map { ["--image", $0] } ?? []),
                environment: environment(world), deadline: .seconds(300))
        ).checked()
        let address = try await freeAddress(world)
        let others = OthersWorld(
            world: world, context: "kind-\(cluster)", registry: "\(cluster)-registry",
            host: "\(address):5000")
        try await others.startRegistry(address)
        try await others.trust()
        try await others.settle()
        return others
    }

    /// An address at the end of kind's network, which podman gives out from its beginning.
    private static func freeAddress(_ world: LiveWorld) async throws -> String {
        let gateways = try await world.tool(
            "podman", "network", "inspect", "kind", "--format",
            "{{range .Subnets}}{{.Gateway}}\n{{end}}")
        let gateway = try #require(gateways.split(separator: "\n").first { $0.contains(".") })
        let start = gateway.split(separator: ".").dropLast().joined(separator: ".")
        return "\(start).\(Int.random(in: 200...250))"
    }

    private func startRegistry(_ address: String) async throws {
        let folder = "\(world.folder)/tls"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        // htpasswd's line for user:secret.
        try world.write(
            "tls/htpasswd", "user:$2b$05$Av3R/Vb4aipamxNMGLSjk.dgtUKfNLcVM3mge505bRmS4vFpTeLQS\n")
        try world.write("tls/names", "subjectAltName=IP:\(address)\n")
        try await world.tool(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=team", "-keyout", "\(folder)/ca.key", "-out", "\(folder)/ca.crt")
        try await world.tool(
            "openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(address)",
            "-keyout", "\(folder)/server.key", "-out", "\(folder)/server.csr")
        try await world.tool(
            "openssl", "x509", "-req", "-in", "\(folder)/server.csr", "-CA", "\(folder)/ca.crt",
            "-CAkey", "\(folder)/ca.key", "-CAcreateserial", "-days", "2", "-extfile",
            "\(folder)/names", "-out", "\(folder)/server.crt")
        try await world.tool(
            "podman", "run", "--detach", "--name", registry, "--network", "kind", "--ip", address,
            "--volume", "\(folder):/tls:ro", "--env", "REGISTRY_AUTH=htpasswd",
            "--env", "REGISTRY_AUTH_HTPASSWD_REALM=r",
            "--env", "REGISTRY_AUTH_HTPASSWD_PATH=/tls/htpasswd",
            "--env", "REGISTRY_HTTP_TLS_CERTIFICATE=/tls/server.crt",
            "--env", "REGISTRY_HTTP_TLS_KEY=/tls/server.key", LiveWorld.registryImage)
        try await world.eventually("the registry answers") {
            (try? await catalog()) != nil
        }
    }

    /// What the owner of the cluster, and the user of this machine, do once.
    private func trust() async throws {
        let authority = "\(world.folder)/tls/ca.crt"
        let folder = "/etc/containerd/certs.d/\(host)"
        try await world.tool("podman", "exec", node, "mkdir", "-p", folder)
        try await world.tool("podman", "cp", authority, "\(node):\(folder)/ca.crt")
        let mine = "\(world.folder)/home/.config/containers/certs.d/\(host)"
        try FileManager.default.createDirectory(atPath: mine, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: authority, toPath: "\(mine)/ca.crt")
        try world.write(
            "auth.json", #"{"auths": {"\#(host)": {"auth": "\#(OthersWorld.encoded)"}}}"#)
    }

    /// Waits until the new cluster makes nothing by itself any more.
    private func settle() async throws {
        try await kubectl(
            "wait", "--for=condition=Ready", "node", "--all", "--timeout=120s")
        try await world.eventually("the cluster has settled") {
            let before = try await content()
            try await Task.sleep(for: .seconds(2))
            return try await content() == before
        }
    }

    /// The repositories in the registry.
    func catalog() async throws -> String {
        try await world.tool(
            "curl", "-fsS", "--cacert", "\(world.folder)/tls/ca.crt", "-u", OthersWorld.password,
            "https://\(host)/v2/_catalog")
    }

    /// Names and versions of everything that a command could have changed in the cluster.
    func content() async throws -> String {
        try await kubectl(
            "get", "namespaces,deployments,services,secrets,configmaps,serviceaccounts",
            "--all-namespaces", "--output",
            "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid}\n{end}")
    }

    @discardableResult
    func kubectl(_ arguments: String...) async throws -> String {
        try await world.runner.run(
            Invocation(
                "kubectl", ["--context", context] + arguments, environment: environment,
                deadline: .seconds(120))
        ).checked().text
    }

    /// Runs devcluster with the user's login and certificates.
    func devcluster(_ arguments: String...) async throws -> Outcome {
        try await devcluster(arguments)
    }

    func devcluster(_ arguments: [String]) async throws -> Outcome {
        try await world.runner.run(
            Invocation(
                LiveWorld.executable, arguments, environment: environment,
                directory: "\(world.folder)/app", deadline: .seconds(200)))
    }

    /// The application, for this cluster.
    ///
    /// - Parameters:
    ///   - registry: YAML of `spec.registry`; nil is the registry of others.
    ///   - cluster: YAML of `spec.cluster`; nil is the cluster of others.
    func configure(registry: String? = nil, cluster: String? = nil) throws {
        let external = "{host: \"\(host)/shop\", pullSecret: pull}"
        try world.write(
            "app/devcluster.yaml",
            """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            metadata: {name: shop}
            spec:
              cluster: \(cluster ?? "{kubeContext: \(context)}")
              registry: \(registry ?? external)
              namespace: shop
              retention: {tags: 1}
              images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
              manifests: [web.yaml]
              forwards: [{name: web, target: svc/web, port: \(world.forwardPort), targetPort: 80}]
            """)
        try world.write("app/Containerfile", LiveWorld.containerfile)
        try world.write("app/web.yaml", LiveWorld.webManifest(image: "web"))
    }

    func remove() async {
        _ = try? await devcluster("pf", "stop")
        _ = try? await world.runner.run(
            Invocation(
                "kind", ["delete", "cluster", "--name", cluster],
                environment: environment, deadline: .seconds(120)))
        _ = try? await world.tool("podman", "rm", "--force", "--time", "0", "-v", registry)
        let images = try? await world.tool(
            "podman", "images", "--filter", "reference=\(host)/shop/*", "--format",
            "{{.Repository}}:{{.Tag}}")
        for image in (images ?? "").split(separator: "\n").map(String.init) {
            _ = try? await world.tool("podman", "rmi", image)
        }
    }
}

extension OthersWorld {
    /// The tags of `shop/web`.
    func tags() async throws -> [String] {
        struct Answer: Decodable { var tags: [String] }
        let text = try await world.tool(
            "curl", "-fsS", "--cacert", "\(world.folder)/tls/ca.crt", "-u", "user:secret",
            "https://\(host)/v2/shop/web/tags/list")
        return try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).tags
    }

    /// Pushes what one tag stands for under another, as somebody else could.
    func push(_ reference: String, as other: String) async throws {
        for arguments in [
            ["pull", "-q", reference], ["tag", reference, other], ["push", "-q", other],
        ] {
            try await world.runner.run(
                Invocation(
                    "podman", arguments, environment: environment, deadline: .seconds(60))
            ).checked()
        }
    }
}
