import Sessions
import Tools
import Vocabulary

/// What registries other than ours say of images, to somebody without credentials.
///
/// Nodes have no credentials of the host's, so what only a login opens is not confirmed.
struct OtherRegistries: Sendable {
    let session: Session

    /// Those of the names that their registry serves; what is not reached is left out.
    ///
    /// - Throws: `InvocationError` when curl cannot run.
    func confirm(_ names: Set<String>) async throws -> Set<String> {
        var hosts: [String: [(name: String, manifest: ManifestName)]] = [:]
        for name in names {
            guard let reference = try? ImageReference(name), let host = reference.registry,
                // The node's loopback is another one than the host's.
                (try? RegistryHost(host))?.isLoopback == false,
                let last = reference.digest?.description ?? reference.effectiveTag?.description
            else { continue }
            let manifest = ManifestName(repository: reference.path, reference: last)
            hosts[host, default: []].append((name, manifest))
        }
        return try await withThrowingTaskGroup(of: [String].self) { group in
            for (host, images) in hosts {
                group.addTask {
                    let registry = RemoteRegistry(
                        host: host, curl: Curl(runner: session.runner), credentials: nil)
                    let client = try await registry.client(
                        for: Set(images.map(\.manifest.repository)))
                    let answers = try await client.digests(of: images.map(\.manifest))
                    return images.filter { answers[$0.manifest]?.value != nil }.map(\.name)
                }
            }
            return try await group.reduce(into: []) { $0.formUnion($1) }
        }
    }
}
