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

    /// Where this user's tools look for the authority of the registry.
    private var certificates: String {
        "\(LiveWorld.engine.certificateFolder(home: "\(world.folder)/home"))/\(host)"
    }

    private var cluster: String { "\(world.cluster)-team" }
    private var environment: [String: String] { OthersWorld.environment(world) }

    /// Their kubeconfig is not the one in which our cluster has its entry.
    private static func environment(_ world: LiveWorld) -> [String: String] {
        world.environment.merging([
            "KUBECONFIG": "\(world.folder)/team-kubeconfig",
            "HOME": "\(world.folder)/home",
        ]) { $1 }.merging(LiveWorld.engine.login(folder: "\(world.folder)/login")) { $1 }
    }
    private var node: String { "\(cluster)-control-plane" }

    static func make(_ world: LiveWorld) async throws -> OthersWorld {
        let cluster = "\(world.cluster)-team"
        // podman refuses to start when the file that it is told of is not there.
        _ = try world.login(nil, encoded)
        try FileManager.default.createDirectory(
            atPath: "\(world.folder)/home", withIntermediateDirectories: true)
        let image = ProcessInfo.processInfo.environment["DEVCLUSTER_NODE_IMAGE"]
        try await world.runner.run(
            Invocation(
                "kind",
                ["create", "cluster", "--name", cluster] + (image.map { ["--image", $0] } ?? []),
                environment: environment(world), deadline: .seconds(300))
        ).checked()
        let registry = "\(cluster)-registry"
        let address = try await startRegistry(registry, world)
        let others = OthersWorld(
            world: world, context: "kind-\(cluster)", registry: registry, host: "\(address):5000")
        try await others.certify(address)
        try await others.trust()
        try await others.settle()
        return others
    }

    /// Starts a registry, which waits for a certificate of the address that it was given: docker lets
    /// nobody choose one on kind's network.
    ///
    /// - Returns: that address.
    private static func startRegistry(_ name: String, _ world: LiveWorld) async throws -> String {
        let folder = "\(world.folder)/tls"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        // htpasswd's line for user:secret.
        try world.write(
            "tls/htpasswd", "user:$2b$05$Av3R/Vb4aipamxNMGLSjk.dgtUKfNLcVM3mge505bRmS4vFpTeLQS\n")
        let script = """
            until [ -s /tls/server.crt ]; do sleep 0.1; done
            for file in /etc/distribution/config.yml /etc/docker/registry/config.yml; do
              [ ! -e $file ] || exec registry serve $file
            done
            """
        try await world.engine(
            "run", "--detach", "--name", name, "--network", "kind",
            "--volume", "\(folder):/tls:ro", "--env", "REGISTRY_AUTH=htpasswd",
            "--env", "REGISTRY_AUTH_HTPASSWD_REALM=r",
            "--env", "REGISTRY_AUTH_HTPASSWD_PATH=/tls/htpasswd",
            "--env", "REGISTRY_HTTP_TLS_CERTIFICATE=/tls/server.crt",
            "--env", "REGISTRY_HTTP_TLS_KEY=/tls/server.key", "--entrypoint", "sh",
            LiveWorld.registryImage, "-c", script)
        return try await world.engine(
            "inspect", "--format", #"{{(index .NetworkSettings.Networks "kind").IPAddress}}"#, name
        ).trimmingCharacters(in: .newlines)
    }

    /// Gives the registry a certificate, with which it starts.
    private func certify(_ address: String) async throws {
        let folder = "\(world.folder)/tls"
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
            "\(folder)/names", "-out", "\(folder)/server.made")
        // Whole at once, since the registry waits for it.
        try FileManager.default.moveItem(
            atPath: "\(folder)/server.made", toPath: "\(folder)/server.crt")
        try await world.eventually("the registry answers") {
            (try? await catalog()) != nil
        }
    }

    /// What the owner of the cluster, and the user of this machine, do once.
    private func trust() async throws {
        let authority = "\(world.folder)/tls/ca.crt"
        let folder = "/etc/containerd/certs.d/\(host)"
        try await world.inside(node, "mkdir", "-p", folder)
        try await world.engine("cp", authority, "\(node):\(folder)/ca.crt")
        try FileManager.default.createDirectory(
            atPath: certificates, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: authority, toPath: "\(certificates)/ca.crt")
        _ = try world.login(host, OthersWorld.encoded)
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
        _ = try? await world.remove(registry, volumes: true)
        try? FileManager.default.removeItem(atPath: certificates)
        let images = try? await world.engine(
            "images", "--filter", "reference=\(host)/shop/*", "--format",
            "{{.Repository}}:{{.Tag}}")
        for image in (images ?? "").split(separator: "\n").map(String.init) {
            _ = try? await world.engine("rmi", image)
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
            try await world.engine(arguments, environment: environment)
        }
    }
}
