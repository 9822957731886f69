import ChildProcess
import Clusters
import Sessions
import SystemLibraries
import Templates
import Tools
import Vocabulary

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
        let look: NodeLook
        do {
            look = try await Node(name: node.name, engine: session.engine).look(
                at: (file(place.registryHost), file(place.registryNodeHost)),
                registry: place.registry.name, image: place.proofImage(place.registryHost),
                deadline: Doctor.deadline)
        } catch {
            return [
                Finding(
                    subject, .error, "nothing can be run in it: \(Doctor.words(error))",
                    remedy: "devcluster up", fix: .up)
            ]
        }
        return [
            wiring(look), configPath(look), name(look), pull(look), disk(look),
            clock(look, since: started),
        ].compactMap(\.self)
    }

    private func file(_ host: String) -> String { "/etc/containerd/certs.d/\(host)/hosts.toml" }

    private func broken(_ evidence: String) -> Finding {
        Finding(subject, .error, evidence, remedy: "devcluster up", fix: .up)
    }

    private func wiring(_ look: NodeLook) -> Finding? {
        let wanted = NodeWiring(session: session).content.trimmingSpace
        for (text, host) in zip(look.hosts, [place.registryHost, place.registryNodeHost]) {
            guard let text else { return nil }
            guard text != wanted else { continue }
            return broken(
                NodeText.noFile.isIn(text)
                    ? "\(file(host)) is missing: it does not know the registry"
                    : "\(file(host)) says something else than devcluster wrote")
        }
        return Finding(subject, .ok, "hosts.toml is right for both names of the registry")
    }

    /// Without it containerd does not read hosts.toml at all; only a new cluster gets another.
    private func configPath(_ look: NodeLook) -> Finding? {
        guard let text = look.configPath else { return nil }
        guard !text.contains("/etc/containerd/certs.d") else { return nil }
        return Finding(
            subject, .error,
            "containerd's config_path is not /etc/containerd/certs.d, so it ignores hosts.toml:"
                + " \(text.trimmingSpace)", remedy: "devcluster up --recreate")
    }

    private func name(_ look: NodeLook) -> Finding? {
        guard !look.findsRegistry else { return nil }
        return Finding(
            subject, .error,
            "it does not find the address of '\(place.registry.name)' on the network",
            remedy: "devcluster up", fix: .up)
    }

    private func pull(_ look: NodeLook) -> Finding? {
        let reason: String
        switch look.pull {
        case nil: return nil
        case .done: return Finding(subject, .ok, "it pulls from the registry")
        case .noAnswer: reason = "no answer in \(NodeLook.seconds) s"
        case .failed(let words): reason = words
        }
        let evidence = "it cannot pull from the registry: \(reason)"
        guard let complaint = NodeProxies(session: session).complaint(node) else {
            return broken(evidence)
        }
        return Finding(
            subject, .error, "\(complaint), and \(evidence)", remedy: "devcluster up --recreate")
    }

    private func disk(_ look: NodeLook) -> Finding? {
        guard let bytes = look.freeBytes else { return nil }
        guard bytes < 2_000_000_000 else { return nil }
        return Finding(
            subject, bytes < 500_000_000 ? .error : .warning,
            "\(byteCount(bytes)) free in /var", remedy: "devcluster cache clear --unused")
    }

    /// Certificates and leases go by the clock; on macOS and Windows the nodes are in a machine
    /// whose clock stops with the laptop's sleep.
    private func clock(_ look: NodeLook, since: Date) -> Finding? {
        guard let seconds = look.clock else { return nil }
        let skew = seconds - since.timeIntervalSince1970
        guard abs(skew) > 10 else { return nil }
        return Finding(
            subject, .error,
            "its clock is \(BoundedInteger(abs(skew))) s \(skew > 0 ? "ahead" : "behind")",
            remedy: "set the clock of the machine that the engine runs on")
    }
}
