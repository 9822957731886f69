import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Collects into one archive what somebody needs who is asked for help.
///
/// No environment of a container, no Secret, no kubeconfig and no pod's specification is read, and
/// what looks like a credential in the rest is taken out.
public struct DoctorBundle: Sendable {
    let session: Session
    let report: DoctorReport
    let configuration: ConfigurationView

    /// Describes the work; nothing starts yet.
    public init(session: Session, report: DoctorReport, configuration: ConfigurationView) {
        self.session = session
        self.report = report
        self.configuration = configuration
    }

    private static let limit = Duration.seconds(15)

    /// Writes the archive, a gzipped tar.
    ///
    /// - Parameter path: absolute; a file that is there is not replaced.
    /// - Throws: `DevClusterError` when it cannot be written.
    public func write(to path: String) async throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw DevClusterError(
                .usage, "\(path) exists already", hint: "name another file, or remove it")
        }
        let name = "devcluster-doctor"
        let folder =
            FileManager.default.temporaryDirectory.path + "/\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await session.activity.step("collect") { step in
            for (file, text) in try await contents(step).sorted(by: { $0.key < $1.key }) {
                try AtomicFile.write(
                    Data(Redaction.text(text).utf8), to: "\(folder)/\(name)/\(file)", mode: 0o600)
            }
        }
        try await session.runner.run(
            Invocation(
                "tar", ["-czf", path, "-C", folder, name], deadline: .seconds(60),
                effect: .changes)
        ).checked()
    }

    private func contents(_ step: ActivityStep) async throws -> [String: String] {
        var files = [
            "doctor.json": try encoded(report),
            "configuration.txt": configuration.entries.map {
                let isPrivate = $0.path.contains("buildArgs")
                return "\($0.path): \(isPrivate ? Redaction.removed : $0.value ?? "-")"
                    + " (\($0.origin.rawValue))"
            }.joined(separator: "\n"),
            "version.txt": session.command,
        ]
        let containers = await inspected()
        files["containers.json"] = try encoded(containers)
        for (file, tool, arguments) in commands(containers) {
            step.progress(file)
            files[file] = try await output(tool, arguments)
        }
        for name in ["cluster.json", "records.jsonl"] {
            let file = "\(session.place.folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            files["state/\(name)"] = String(decoding: data.suffix(1 << 20), as: UTF8.self)
        }
        return files
    }

    /// A container without its environment.
    private struct Described: Encodable {
        var name: String
        var id: String
        var status: String
        var image: String
        var labels: [String: String]
        var networks: [String: String]
        var mounts: [String]
        var ports: [String]
    }

    private func inspected() async -> [Described] {
        let nodes = (try? await session.engine.nodes(ofCluster: session.place.cluster)) ?? []
        let name = session.place.registry.name
        let registry = try? await session.engine.containers(named: [name])[name]
        return (nodes + [registry].compactMap(\.self)).map { container in
            Described(
                name: container.name, id: container.id, status: container.status,
                image: container.image, labels: container.labels, networks: container.networks,
                mounts: container.mounts.map { "\($0.type) \($0.source) → \($0.destination)" },
                ports: container.publications.map {
                    "\($0.hostAddress):\($0.hostPort) → \($0.containerPort)"
                })
        }
    }

    private func commands(_ containers: [Described]) -> [(String, String, [String])] {
        let engine = session.engine.name.rawValue
        let place = session.place
        let kubectl = session.kubectl.place(nil)
        var commands: [(String, String, [String])] = [
            ("engine/info.json", engine, ["info", "--format", "json"]),
            ("engine/containers.txt", engine, ["ps", "--all"]),
            ("engine/network.json", engine, ["network", "inspect", place.registry.network]),
            ("registry.log", engine, ["logs", "--tail", "200", place.registry.name]),
            ("kubernetes/nodes.txt", "kubectl", kubectl + ["describe", "nodes"]),
            (
                "kubernetes/pods.txt", "kubectl",
                kubectl + ["get", "pods", "--all-namespaces", "--output", "wide"]
            ),
            (
                "kubernetes/events.txt", "kubectl",
                kubectl + ["get", "events", "--all-namespaces", "--sort-by=.lastTimestamp"]
            ),
        ]
        for node in containers where node.name != place.registry.name && node.status == "running" {
            let script = """
                cat /etc/containerd/config.toml
                for file in /etc/containerd/certs.d/*/hosts.toml; do echo "== $file"; cat "$file"; done
                crictl images; crictl ps --all
                journalctl --unit kubelet --unit containerd --lines 300 --no-pager
                """
            commands.append(
                ("nodes/\(node.name).txt", engine, ["exec", node.name, "sh", "-c", script]))
        }
        return commands
    }

    /// What a tool prints, or why it does not.
    private func output(_ tool: String, _ arguments: [String]) async throws -> String {
        do {
            let outcome = try await session.runner.run(
                Invocation(tool, arguments, deadline: DoctorBundle.limit))
            return outcome.text + outcome.errorText
        } catch {
            try Task.checkCancellation()
            return Doctor.words(error)
        }
    }

    private func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Takes credentials out of text that is given away.
enum Redaction {
    static let removed = "<removed>"
    private static let words = [
        "password", "passwd", "token", "secret", "authorization", "api_key", "apikey",
        "access_key", "client-key-data", "credential",
    ]

    /// Every line without what follows a word for a credential, and without passwords in URLs.
    ///
    /// Rather too much than too little: the rest of such a line goes.
    static func text(_ text: String) -> String {
        var isKey = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.contains("-----BEGIN") && line.contains("PRIVATE KEY") { isKey = true }
            defer { if line.contains("-----END") { isKey = false } }
            return isKey ? removed : self.line(line)
        }.joined(separator: "\n")
    }

    private static func line(_ line: Substring) -> String {
        let lower = line.lowercased()
        // Lowercasing may change the length of other scripts; then nothing is said about places.
        let ends = words.compactMap { lower.firstRange(of: $0)?.upperBound }
        guard let first = ends.min() else { return withoutUserInfo(line) }
        let rest = lower[first...]
        guard let separator = rest.firstIndex(where: { ":=".contains($0) }) else {
            return withoutUserInfo(line)
        }
        let kept = lower.distance(from: lower.startIndex, to: separator) + 1
        return withoutUserInfo(line.prefix(kept)) + " " + removed
    }

    /// `https://user:password@host` without the two.
    private static func withoutUserInfo(_ line: Substring) -> String {
        var text = ""
        var rest = line
        while let start = rest.firstRange(of: "://") {
            text += rest[..<start.upperBound]
            rest = rest[start.upperBound...]
            let authority = rest.prefix { !"/ \"'<>".contains($0) }
            if let at = authority.lastIndex(of: "@") {
                text += removed
                rest = rest[at...]
            }
        }
        return text + rest
    }
}
