import ChildProcess
import Clusters
import Sessions
import Templates
import Tools
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One node from the inside, in a single run there.
struct NodeChecks: Sendable {
    let session: Session
    let node: Container

    private var place: ClusterPlace { session.place }
    private var subject: String { "node \(node.name)" }

    func findings() async -> [Finding] {
        guard node.isRunning else {
            return [
                Finding(
                    subject, .error, "it is \(node.status)", remedy: "devcluster up", fix: .up)
            ]
        }
        guard node.networks[place.registry.network] != nil else {
            return [
                Finding(
                    subject, .error, "it is not on the network '\(place.registry.network)'",
                    remedy: "devcluster up", fix: .up)
            ]
        }
        let started = Date()
        let outcome: Outcome
        do {
            let inside = Node(name: node.name, engine: session.engine)
            outcome = try await inside.run(
                Invocation(
                    "sh", ["-s"], input: .bytes(Data(script.utf8)), deadline: Doctor.deadline))
        } catch {
            return [
                Finding(
                    subject, .error, "nothing can be run in it: \(Doctor.words(error))",
                    remedy: "devcluster up", fix: .up)
            ]
        }
        let parts = NodeChecks.parts(outcome.text)
        return [
            wiring(parts), configPath(parts), name(parts), pull(parts), disk(parts),
            clock(parts, since: started),
        ].compactMap(\.self)
    }

    /// Every look in the background: the slowest says how long all of it takes.
    private var script: String {
        let hosts = [place.registryHost, place.registryNodeHost]
        let files = hosts.map { "cat '/etc/containerd/certs.d/\($0)/hosts.toml' 2>&1" }
        let image = place.proofImage(place.registryHost)
        return """
            folder=$(mktemp -d) && cd "$folder" || exit 1
            date +%s > clock
            { \(files[0]); } > wiring
            { \(files[1]); } > wiring2
            { containerd config dump 2>/dev/null | grep config_path; } > config &
            { timeout \(NodeChecks.seconds) getent hosts '\(place.registry.name)' || echo none; } > name &
            { timeout \(NodeChecks.seconds) crictl pull '\(image)' 2>&1 || echo "failed $?"; } > pull &
            df -Pk /var | tail -n 1 > disk &
            wait
            for part in clock wiring wiring2 config name pull disk; do
              echo "\(NodeChecks.mark)$part"
              cat $part
            done
            cd / && rm -r "$folder"
            """
    }

    /// How long a part may take, less than all of it.
    private static let seconds = 5

    private static let mark = "==devcluster=="

    /// What stands under each mark.
    static func parts(_ text: String) -> [String: String] {
        var parts: [String: String] = [:]
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(mark) {
                current = String(line.dropFirst(mark.count))
                parts[current] = ""
            } else if !current.isEmpty {
                parts[current, default: ""] += line + "\n"
            }
        }
        return parts
    }

    private func broken(_ evidence: String) -> Finding {
        Finding(subject, .error, evidence, remedy: "devcluster up", fix: .up)
    }

    private func wiring(_ parts: [String: String]) -> Finding? {
        let wanted = NodeWiring(session: session).content.trimmingSpace
        for (part, host) in [
            ("wiring", place.registryHost), ("wiring2", place.registryNodeHost),
        ] {
            guard let text = parts[part]?.trimmingSpace else { return nil }
            guard text != wanted else { continue }
            let file = "/etc/containerd/certs.d/\(host)/hosts.toml"
            return broken(
                text.contains("No such file")
                    ? "\(file) is missing: it does not know the registry"
                    : "\(file) says something else than devcluster wrote")
        }
        return Finding(subject, .ok, "hosts.toml is right for both names of the registry")
    }

    /// Without it containerd does not read hosts.toml at all; only a new cluster gets another.
    private func configPath(_ parts: [String: String]) -> Finding? {
        guard let text = parts["config"] else { return nil }
        guard !text.contains("/etc/containerd/certs.d") else { return nil }
        return Finding(
            subject, .error,
            "containerd's config_path is not /etc/containerd/certs.d, so it ignores hosts.toml:"
                + " \(text.trimmingSpace)", remedy: "devcluster up --recreate")
    }

    private func name(_ parts: [String: String]) -> Finding? {
        guard let text = parts["name"]?.trimmingSpace, text == "none" else { return nil }
        return Finding(
            subject, .error,
            "it does not find the address of '\(place.registry.name)' on the network",
            remedy: "devcluster up", fix: .up)
    }

    private func pull(_ parts: [String: String]) -> Finding? {
        guard let text = parts["pull"]?.trimmingSpace else { return nil }
        let last = text.split(whereSeparator: \.isNewline).map(String.init)
        guard let code = last.last, code.hasPrefix("failed ") else {
            return Finding(subject, .ok, "it pulls from the registry")
        }
        let reason =
            code == "failed 124"
            ? "no answer in \(NodeChecks.seconds) s" : last.dropLast().last ?? "crictl \(code)"
        let evidence = "it cannot pull from the registry: \(reason)"
        guard let complaint = NodeProxies(session: session).complaint(node) else {
            return broken(evidence)
        }
        return Finding(
            subject, .error, "\(complaint), and \(evidence)", remedy: "devcluster up --recreate")
    }

    private func disk(_ parts: [String: String]) -> Finding? {
        let fields = (parts["disk"] ?? "").split(whereSeparator: \.isWhitespace)
        guard fields.count > 3, let free = BoundedInteger(fields[3]) else { return nil }
        let bytes = free.multiplied(by: 1024)
        guard bytes < 2_000_000_000 else { return nil }
        return Finding(
            subject, bytes < 500_000_000 ? .error : .warning,
            "\(byteCount(bytes)) free in /var", remedy: "devcluster cache clear --unused")
    }

    /// Certificates and leases go by the clock; on macOS and Windows the nodes are in a machine
    /// whose clock stops with the laptop's sleep.
    private func clock(_ parts: [String: String], since: Date) -> Finding? {
        guard let seconds = Double((parts["clock"] ?? "").trimmingSpace) else { return nil }
        let skew = seconds - since.timeIntervalSince1970
        guard abs(skew) > 10 else { return nil }
        return Finding(
            subject, .error,
            "its clock is \(BoundedInteger(abs(skew))) s \(skew > 0 ? "ahead" : "behind")",
            remedy: "set the clock of the machine that the engine runs on")
    }
}
