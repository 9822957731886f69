#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes tags that were never used before; the format stands in `docs/formats.md`.
public struct UniqueTag: Sendable {
    /// `dev-<commit12>[-dirty]-<time>`, or `dev-nogit-<time>`.
    ///
    /// - Parameter time: UTC to the millisecond.
    public static func text(git: GitState?, at time: Date) -> String {
        let stamp = time.timestamp.filter { $0.isLetter || $0.isNumber }
        guard let commit = git?.commit else { return "dev-nogit-\(stamp)" }
        return "dev-\(commit.prefix(12))\(git?.isDirty == true ? "-dirty" : "")-\(stamp)"
    }

    /// A tag that the registry has in none of the repositories.
    ///
    /// - Throws: `DevClusterError` when the registry does not say.
    static func unused(
        in repositories: [String], git: GitState?, now: Date, registry: RegistryClient
    ) async throws -> TagName {
        var time = now
        for _ in 0..<1000 {
            let tag = try TagName(text(git: git, at: time))
            let names = repositories.map {
                ManifestName(repository: $0, reference: tag.description)
            }
            let answers = try await registry.digests(of: names)
            for (name, answer) in answers {
                if case .unknown(let reason) = answer {
                    throw DevClusterError(
                        .failed,
                        "the registry at \(registry.baseURL) does not answer for"
                            + " '\(name.repository)': \(reason)",
                        hint: "devcluster up")
                }
            }
            if answers.values.allSatisfy({ $0 == .missing }) { return tag }
            time.addTimeInterval(0.001)
        }
        throw DevClusterError(
            .failed, "the registry at \(registry.baseURL) claims to have every tag",
            hint: "see what answers there")
    }
}
