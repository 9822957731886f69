import ChildProcess
import Registries
import Sessions
import SystemLibraries
import Templates
import Tools
import Vocabulary

/// Tells each node's containerd where the registry is, and how to find its address.
package struct NodeWiring: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Writes hosts.toml for both names of the registry on these nodes, all at once.
    ///
    /// containerd reads the files at each pull, so that nothing needs a restart. resolv.conf is
    /// read again every five seconds.
    func write(nodes: [String]) async throws {
        let script = script()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in nodes {
                group.addTask {
                    let node = Node(name: name, engine: session.engine)
                    try await node.run(script: script, stopsAtErrors: true, effect: .changes)
                        .checked()
                }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until kind has started all node containers, and writes the files while kubeadm works.
    func writeAsNodesAppear(_ names: [String]) async throws {
        guard !session.isDryRun else { return try await write(nodes: names) }
        var open = Set(names)
        while !open.isEmpty {
            try await Task.sleep(for: .milliseconds(500))
            let found = try await session.engine.containers(named: open.sorted())
            for name in open.sorted() where found[name]?.isRunning == true {
                // A container that has just started may refuse the first exec.
                if (try? await write(nodes: [name])) != nil { open.remove(name) }
            }
        }
    }

    /// What hosts.toml says, under both names.
    package var content: String { Template.hosts.filled(["registry": session.place.registry.name]) }

    /// Puts the network's IPv4 name server first, and asks again after one second.
    ///
    /// Whenever a container comes or goes, aardvark-dns 1.4 (that of podman 4.3 to 4.9) leaves
    /// questions over IPv6 without an answer for seconds, up to 19 measured, while IPv4 answers.
    /// podman puts the IPv6 address first, and a resolver waits 5 s before it asks the next.
    /// Between the network's own and the host's name servers the order stays: another would say
    /// that there is no such name.
    ///
    /// kind's entrypoint copies and writes the same file while the node starts, and then becomes
    /// the node's init: before that it could copy a file that is empty for a moment.
    static let resolver = """
        for _ in $(seq 100); do
          [ "$(cat /proc/1/comm 2>/dev/null)" = entrypoint ] || break
          sleep 0.1
        done
        gateway=$(ip -4 route show default 2>/dev/null | awk '{ print $3; exit }')
        if [ -n "$gateway" ] && grep -qx "nameserver $gateway" /etc/resolv.conf; then
          {
            echo "nameserver $gateway"
            grep -vx -e "nameserver $gateway" -e 'options timeout:1 attempts:5' /etc/resolv.conf || true
            echo 'options timeout:1 attempts:5'
          } >/run/devcluster-resolv.conf
          cat /run/devcluster-resolv.conf >/etc/resolv.conf
        fi

        """

    private func script() -> String {
        let place = session.place
        let own = [place.registryHost, place.registryNodeHost].map { ($0, content) }
        let mirrors = session.mirrors.map { mirror in
            (
                mirror.host.description,
                Template.mirrorHosts.filled([
                    "upstream": mirror.upstream, "mirror": mirror.container,
                ])
            )
        }
        // A mirror that is no longer configured must not stay: its container may be gone.
        return NodeWiring.resolver + """
            for file in /etc/containerd/certs.d/*/hosts.toml; do
              if grep -qs '^# Written by devcluster: a pull-through cache' "$file"; then
                rm "$file"
              fi
            done

            """
            + (own + mirrors).map { host, content in
                """
                mkdir -p '/etc/containerd/certs.d/\(host)'
                cat > '/etc/containerd/certs.d/\(host)/hosts.toml' <<'END'
                \(content)END

                """
            }.joined()
    }
}
