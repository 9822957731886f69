import ChildProcess
import Sessions
import Tools
import Vocabulary

/// What an existing cluster says of a registry on this machine, which its nodes know by another
/// address: the ConfigMap of KEP-1755, `kube-public/local-registry-hosting`.
package struct RegistryAnnouncement: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Throws when the nodes cannot be expected to pull what this machine pushes.
    ///
    /// A registry that is no loopback address of this machine is not judged here.
    /// - Throws: `DevClusterError` with exit code 3.
    package func require() async throws {
        guard let context = session.place.existingContext, let host = local else { return }
        let said = try await read()
        guard said != host else { return }
        guard let said else {
            throw DevClusterError(
                .undecided,
                "the registry \(host) is on this machine's loopback address, and the existing"
                    + " cluster '\(context)' does not say that its nodes can pull from there",
                hint: "set spec.registry.host to a registry that its nodes reach; a cluster with a"
                    + " registry on this machine says so in the ConfigMap"
                    + " kube-public/local-registry-hosting")
        }
        throw DevClusterError(
            .undecided,
            "the existing cluster '\(context)' pulls from \(ShownText.line(said)) on this machine,"
                + " not from \(host)",
            hint: "set spec.registry.host: \(ShownText.line(said))")
    }

    /// The registry, where only this machine reaches it under its name.
    private var local: String? {
        guard let external = session.place.externalRegistry else {
            return session.place.registryHost
        }
        return external.host.isLoopback ? external.host.description : nil
    }

    /// The host in the ConfigMap; nil when there is none, or it may not be read.
    private func read() async throws -> String? {
        try await session.kubectl.localRegistryHosting().flatMap(RegistryAnnouncement.host)
    }

    /// The value of `host:` in a document of a few plain lines.
    static func host(in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("host:") {
            let value = line.dropFirst("host:".count).trimmingSpace
            let bare = value.filter { $0 != "\"" && $0 != "'" }
            return bare.isEmpty ? nil : bare
        }
        return nil
    }
}
