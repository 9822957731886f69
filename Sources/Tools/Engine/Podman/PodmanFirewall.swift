import ChildProcess
import SystemLibraries
import Vocabulary

/// Rules of the host's firewall that send a published port to a container that is gone.
///
/// podman as root lets netavark add such a rule for each published port, and takes it away with
/// what it wrote down of the container's network. When podman is killed between the two, the rule
/// stays, and is asked before that of the next container: its port is silent for ever, while
/// everything looks right (seen with podman 4.3.1 and netavark 1.4).
package struct PodmanFirewall: Sendable {
    let engine: Engine
    /// Gets what was done.
    let note: @Sendable (String) -> Void

    package init(engine: Engine, note: @escaping @Sendable (String) -> Void) {
        self.engine = engine
        self.note = note
    }

    /// A port of the host, as a container publishes it.
    private struct Port: Hashable {
        /// Empty for every address.
        var host: String
        var number: Int
        var transport: String
    }

    /// A rule as `iptables --list-rules` prints it.
    private struct Rule {
        var port: Port
        var address: String
        /// What follows `-A`.
        var words: [String]

        /// `-A NETAVARK-DN-… -d 127.0.0.1/32 -p tcp -m tcp --dport 5000 -j DNAT --to-destination
        /// 10.89.0.2:5000`; nil for any other line.
        init?(_ line: Substring) {
            let words = line.split(separator: " ").map(String.init)
            func value(of option: String) -> String? {
                words.firstIndex(of: option).flatMap { words.dropFirst($0 + 1).first }
            }
            guard words.count > 2, words[0] == "-A", words[1].hasPrefix("NETAVARK-"),
                let number = value(of: "--dport").flatMap({ Int($0) }),
                let target = value(of: "--to-destination")?.parted(atLast: UInt8(ascii: ":"))
            else { return nil }
            port = Port(
                host: value(of: "-d")?.split(separator: "/").first.map(String.init) ?? "",
                number: number, transport: value(of: "-p") ?? "tcp")
            address = String(target.before)
            self.words = Array(words.dropFirst())
        }
    }

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
        guard engine.dialect is Podman, !addresses.isEmpty,
            let outcome = try? await engine.runner.run(
                Invocation(
                    "iptables", ["--wait", "--table", "nat", "--list-rules"],
                    deadline: .seconds(5))),
            outcome.succeeded
        else { return }
        for line in outcome.text.split(whereSeparator: \.isNewline) {
            guard let rule = Rule(line), let own = addresses[rule.port],
                !own.contains(rule.address)
            else { continue }
            let removal = try await engine.runner.run(
                Invocation(
                    "iptables", ["--wait", "--table", "nat", "--delete"] + rule.words,
                    deadline: .seconds(5), effect: .changes))
            // podman may have taken it away meanwhile.
            guard removal.succeeded else { continue }
            note(
                "port \(rule.port.number) still led to \(ShownText.line(rule.address)), where no"
                    + " container is any more")
        }
    }
}
