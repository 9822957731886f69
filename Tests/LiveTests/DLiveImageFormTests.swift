import ChildProcess
import Foundation
import Testing

/// One way in which an image gets onto a node, and the verdict that is right for it.
struct ImageForm: Sendable {
    typealias Change = @Sendable (ImageForms) async throws -> Void

    /// Name of the form, of its pod and of its repository.
    var name: String
    /// What the pod's spec says behind the registry's host; a closure, for it may hold a digest.
    var image: @Sendable (ImageForms) async throws -> String
    /// The right verdict.
    var expected: String
    /// Another one that is right too: with another containerd the pod tells otherwise what it runs.
    var alternative: String?
    /// Cause of a stale verdict.
    var cause: String?
    /// Pull policy of the pod.
    var policy = "IfNotPresent"
    /// What happens before the pod starts.
    var before: Change
    /// What happens while it runs.
    var after: Change = { _ in }

    init(
        _ name: String, _ image: String? = nil, expected: String, or alternative: String? = nil,
        cause: String? = nil, policy: String = "IfNotPresent", before: @escaping Change,
        after: @escaping Change = { _ in }
    ) {
        self.name = name
        let reference = image ?? "\(name):1"
        self.image = { _ in reference }
        self.expected = expected
        self.alternative = alternative
        self.cause = cause
        self.policy = policy
        self.before = before
        self.after = after
    }

    func running(_ image: @escaping @Sendable (ImageForms) async throws -> String) -> ImageForm {
        var form = self
        form.image = image
        return form
    }
}

/// Makes images in every form, with the engine and skopeo.
struct ImageForms: Sendable {
    let world: LiveWorld
    var host: String { "localhost:\(world.registryPort)" }
    private var api: String { "http://127.0.0.1:\(world.registryPort)/v2" }

    /// Builds an image whose content is its name, and returns the local reference.
    func build(_ content: String, format: ImageFormat? = nil) async throws -> String {
        let folder = "forms-\(content)"
        try FileManager.default.createDirectory(
            atPath: "\(world.folder)/\(folder)", withIntermediateDirectories: true)
        // Of this run: the engine would give an image of an earlier one, built long ago.
        try world.write("\(folder)/content", "\(content) of \(world.cluster)")
        try world.write(
            "\(folder)/Containerfile",
            "FROM \(LiveWorld.baseImage)\nCOPY content /\nCMD [\"sleep\", \"100000\"]\n")
        let reference = "localhost/\(world.cluster)-\(content):1"
        try await world.build(
            reference, "\(world.folder)/\(folder)", LiveWorld.engine.formatOfBuild(format))
        return reference
    }

    /// Pushes an image of this content under a name.
    ///
    /// - Parameter format: of its manifest; nil for the one that the engine prefers.
    func push(_ content: String, _ name: String, format: ImageFormat? = nil) async throws {
        let reference = try await build(content, format: format)
        try await world.push(reference, as: "\(host)/\(name)", format: format)
    }

    /// Gives a tag another manifest of the same configuration, as a second push of an image can.
    func pushAgain(_ repository: String) async throws {
        var manifest = try #require(
            try JSONSerialization.jsonObject(with: try await raw("\(repository):1"))
                as? [String: Any])
        manifest["annotations"] = ["pushed": "again"]
        let body = try JSONSerialization.data(withJSONObject: manifest)
        try await put(
            body, repository, type: try #require(manifest["mediaType"] as? String))
    }

    private func put(_ body: Data, _ repository: String, type: String) async throws {
        try body.write(to: URL(filePath: "\(world.folder)/manifest.json"))
        try await world.tool(
            "curl", "-sf", "-X", "PUT", "-H", "Content-Type: \(type)", "--data-binary",
            "@\(world.folder)/manifest.json", "\(api)/\(repository)/manifests/1")
    }

    /// Pushes an index with an entry for each content, all amd64 but those named for arm64.
    func pushIndex(_ contents: [(content: String, architecture: String)], _ name: String)
        async throws
    {
        var images: [(reference: String, architecture: String)] = []
        for (content, architecture) in contents {
            images.append((try await build(content), architecture))
        }
        try await world.pushIndex(of: images, as: "\(host)/\(name)")
    }

    /// Puts an index like buildx's in the place of a plain manifest: the image, and an attestation
    /// for `unknown/unknown`.
    func attest(_ repository: String) async throws {
        let plain = try await raw("\(repository):1")
        let entry = { (architecture: String) in
            """
            {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": \(plain.count),
             "digest": "\(try await digest(of: plain))",
             "platform": {"os": "\(architecture == "unknown" ? architecture : "linux")",
                          "architecture": "\(architecture)"}}
            """
        }
        let index = """
            {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
             "manifests": [\(try await entry("amd64")), \(try await entry("unknown"))]}
            """
        try await put(
            Data(index.utf8), repository, type: "application/vnd.oci.image.index.v1+json")
    }

    /// What the registry serves for a name, byte for byte, as skopeo gets it.
    func raw(_ name: String) async throws -> Data {
        try await world.runner.run(
            Invocation(
                "skopeo",
                ["inspect", "--raw", "--tls-verify=false", "docker://\(host)/\(name)"])
        ).checked().output
    }

    /// The digest of some bytes, by sha256sum.
    func digest(of data: Data) async throws -> String {
        let outcome = try await world.runner.run(
            Invocation("sha256sum", [], input: .bytes(data))
        ).checked()
        return "sha256:" + outcome.text.prefix(64)
    }

    func digest(_ name: String) async throws -> String { try await digest(of: try await raw(name)) }

    /// Digest of an index's first entry.
    func child(_ name: String) async throws -> String {
        let index = try #require(
            try JSONSerialization.jsonObject(with: try await raw(name)) as? [String: Any])
        let entries = try #require(index["manifests"] as? [[String: Any]])
        return try #require(entries.first?["digest"] as? String)
    }

    /// Deletes a manifest by its digest.
    func delete(_ repository: String, _ digest: String) async throws {
        try await world.tool(
            "curl", "-sf", "-X", "DELETE", "\(api)/\(repository)/manifests/\(digest)")
    }

    /// Imports an image into the worker, as `kind load` does, or without digests.
    func load(_ content: String, _ name: String, hasDigests: Bool) async throws {
        let reference = "\(host)/\(name)"
        try await world.engine("tag", try await build(content), reference)
        try await world.load(
            reference, into: "\(world.cluster)-worker", hasDigests ? ["--digests"] : [])
    }
}

extension Live {
    @Suite(.serialized) struct D_VerifyForms {
        private struct Verdict {
            var verdict: String
            var cause: String?
            var running: String?
            var served: String?
            var reason: String?
        }

        @Test func `every form of image gets its right verdict, and none when a digit is wrong`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: forms")
            let forms = ImageForms(world: world)
            _ = try? await world.kubectl("create", "namespace", "forms")
            for form in imageForms {
                try await form.before(forms)
                let image = "\(forms.host)/\(try await form.image(forms))"
                try await world.kubectl(
                    "apply", "-n", "forms", "-f", "-", input: pod(form, image: image))
            }
            try await waitUntilAllRun(world)
            for form in imageForms { try await form.after(forms) }

            let verdicts = try await verify(world)
            for form in imageForms {
                let given = try #require(verdicts[form.name])
                let why = Comment(rawValue: "\(form.name): \(given)")
                #expect([form.expected, form.alternative].contains(given.verdict), why)
                #expect(given.cause == form.cause, why)
                if let served = given.served, !(try await form.image(forms)).contains("@") {
                    #expect(try await forms.digest(form.image(forms)) == served, why)
                }
            }

            let flipped = try await verify(world, environment: try flippingKubectl(world))
            let fresh = imageForms.filter { !["stale", "unknown"].contains($0.expected) }
            #expect(fresh.count >= 14)
            for form in fresh {
                let given = try #require(flipped[form.name])
                #expect(given.verdict == "stale", Comment(rawValue: "\(form.name): \(given)"))
            }
            try await world.kubectl("delete", "namespace", "forms", "--wait=false")
        }

        private func pod(_ form: ImageForm, image: String) -> String {
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(form.name)}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
              - {name: main, image: "\(image)", imagePullPolicy: \(form.policy),
                 command: [sleep, "100000"]}
            """
        }

        /// All but `missing`, which waits for its image.
        private func waitUntilAllRun(_ world: LiveWorld) async throws {
            try await world.eventually("all pods run", within: .seconds(120)) {
                let phases = try await world.kubectl(
                    "get", "pods", "-n", "forms", "-o",
                    "jsonpath={range .items[*]}{.metadata.name} {.status.phase}{\"\\n\"}{end}")
                return phases.split(separator: "\n").allSatisfy {
                    $0.hasSuffix(" Running") || $0 == "missing Pending"
                }
            }
        }

        private func verify(_ world: LiveWorld, environment: [String: String] = [:]) async throws
            -> [String: Verdict]
        {
            let outcome = try await world.devcluster(
                "verify-image", "--json", environment: environment)
            #expect(outcome.exit == .code(2), "\(outcome.errorText)")
            let report = try #require(try result(outcome)["report"] as? [String: Any])
            let containers = try #require(report["containers"] as? [[String: Any]])
            var verdicts: [String: Verdict] = [:]
            for item in containers {
                let subject = try #require(item["subject"] as? [String: Any])
                verdicts[try #require(subject["pod"] as? String)] = Verdict(
                    verdict: try #require(item["verdict"] as? String),
                    cause: item["cause"] as? String, running: item["running"] as? String,
                    served: item["served"] as? String, reason: item["reason"] as? String)
            }
            return verdicts
        }

        /// A PATH with a kubectl that changes the last digit of every imageID.
        private func flippingKubectl(_ world: LiveWorld) throws -> [String: String] {
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let real = try #require(findExecutable("kubectl", path: path))
            try FileManager.default.createDirectory(
                atPath: "\(world.folder)/flip", withIntermediateDirectories: true)
            try world.write(
                "flip/kubectl",
                """
                #!/bin/sh
                '\(real)' "$@" | sed -E \
                '/"imageID": "[^"]+0"/{s/0"/1"/;b};s/("imageID": "[^"]+)[0-9a-f]"/\\10"/'
                """)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(world.folder)/flip/kubectl")
            return ["PATH": "\(world.folder)/flip:\(path)"]
        }
    }
}
