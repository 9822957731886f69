import ChildProcess
import SystemLibraries
import Vocabulary

/// Rules of the host's firewall that send a published port to a container that is gone.
///
/// podman as root lets netavark add such a rule for each published port, and takes it away with
/// what it wrote down of the container's network. When podman is killed between the two, the rule
/// stays, and is asked before that of the next container: its port is silent for ever, while
/// everything looks right (seen with podman 4.3.1 and netavark 1.4 on iptables, and with podman
/// 5.8.6 and netavark 1.17 on nftables).
package struct PodmanFirewall: Sendable {
    let engine: Engine
    /// Gets what was done.
    let note: @Sendable (String) -> Void

    package init(engine: Engine, note: @escaping @Sendable (String) -> Void) {
        self.engine = engine
        self.note = note
    }

    private typealias Port = NetavarkRule.Port

    /// Takes away the rules of each container's ports that lead to another address than its own.
    package func removeStaleRules(of containers: [Container]) async throws {
        var own: [Port: Set<String>] = [:]
        for container in containers {
            let addresses = container.networks.values.filter { !$0.isEmpty }
            // Of one that has its ports the address must be known.
            guard !container.holdsPorts || !addresses.isEmpty else { continue }
            for publication in container.publications {
                let host = publication.hostAddress == "0.0.0.0" ? "" : publication.hostAddress
                let transport = publication.containerPort.split(separator: "/").last ?? "tcp"
                let port = Port(
                    host: host, number: publication.hostPort, transport: String(transport))
                own[port, default: []].formUnion(addresses)
            }
        }
        try await remove(own)
    }

    /// Takes away every rule of a port of 127.0.0.1, while no container has it.
    package func removeRules(ofPort number: Int) async throws {
        try await remove([Port(host: "127.0.0.1", number: number, transport: "tcp"): []])
    }

    /// - Parameter addresses: where each port may lead.
    private func remove(_ addresses: [Port: Set<String>]) async throws {
        // Without root podman forwards by itself, and docker's daemon looks after its rules.
        guard engine.dialect is Podman, !addresses.isEmpty else { return }
        for rule in await rules() {
            guard let own = addresses[rule.port], !own.contains(rule.address) else { continue }
            let removal = try await engine.runner.run(
                Invocation(
                    rule.removal.tool, rule.removal.arguments, deadline: .seconds(5),
                    effect: .changes))
            // podman may have taken it away meanwhile.
            guard removal.succeeded else { continue }
            note(
                "port \(rule.port.number) still led to \(ShownText.line(rule.address)), where no"
                    + " container is any more")
        }
    }

    /// The rules of every published port. netavark has them in iptables or in nftables, by
    /// `firewall_driver` or its version (nftables by default from 1.12 on, alone from 2.0 on).
    private func rules() async -> [NetavarkRule] {
        let old = await look("iptables", ["--wait", "--table", "nat", "--list-rules"])
        // Who may not read these (4, by its manual) may not read the others either.
        guard old?.exit != .code(4) else { return [] }
        if let old, old.succeeded, old.text.contains("NETAVARK-") {
            return NetavarkRule.all(iptables: old.text)
        }
        let new = await look("nft", ["--handle", "list", "table", "inet", "netavark"])
        return new?.succeeded == true ? NetavarkRule.all(nftables: new?.text ?? "") : []
    }

    /// What a program of the firewall says; nil where it is missing or does not answer.
    private func look(_ tool: String, _ arguments: [String]) async -> Outcome? {
        try? await engine.runner.run(Invocation(tool, arguments, deadline: .seconds(5)))
    }
}
