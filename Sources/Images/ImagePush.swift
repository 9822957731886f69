import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Pushes an image that was built, and tells what the registry serves then.
struct ImagePush: Sendable {
    let session: Session
    let image: Configuration.Image

    /// - Returns: the digest of the manifest; nil in a dry run.
    /// - Throws: `DevClusterError` naming the reference.
    func run(reference: String, tag: TagName) async throws -> Digest? {
        let file = temporaryFile("digest")
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try await session.activity.step(
            "push \(image.name)", detail: { "\($0?.short ?? "")" }
        ) {
            _ in
            let said: String?
            do {
                said = try await session.engine.push(
                    reference, digestFile: file,
                    deadline: session.configuration.timeouts.push.duration,
                    usesTLS: session.registryUsesTLS)
            } catch let error as InvocationError where error.isFailure {
                throw DevClusterError(
                    .failed, "the push of \(reference) failed",
                    hint: "nothing was deployed; " + (await remedy()), cause: error)
            }
            if session.isDryRun { return nil }
            if let said, let digest = try? Digest(said) { return digest }
            return try await served(tag: tag)
        }
    }

    /// What to do about a push that failed; a registry whose disk is full only answers 500.
    private func remedy() async -> String {
        guard session.place.externalRegistry == nil else { return session.registry.remedy }
        let log = try? await session.engine.log(
            of: session.place.registry.name, lines: 40, deadline: .seconds(5))
        let words = (log?.text ?? "") + (log?.errorText ?? "")
        return RegistryText.noSpace.isIn(words)
            ? "the registry's disk is full: free some space; 'devcluster registry prune' removes"
                + " what no cluster uses"
            : "see whether the registry is right with 'devcluster up'"
    }

    /// The digest that the registry serves, where the engine does not say what it pushed.
    private func served(tag: TagName) async throws -> Digest {
        let name = ManifestName(
            repository: image.name.description, reference: tag.description)
        let answer = try await session.registry.digests(of: [name])[name]
        guard let digest = answer?.value else {
            throw DevClusterError(
                .failed, "the registry does not serve \(image.name):\(tag), which was just pushed")
        }
        return digest
    }
}
