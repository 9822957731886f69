import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Makes tags that were never used before; the format stands in `docs/formats.md`.
package struct UniqueTag: Sendable {
    /// `dev-<commit12>[-dirty]-<time>`, or `dev-nogit-<time>`.
    ///
    /// - Parameter time: UTC to the millisecond.
    static func text(git: GitState?, at time: Date) -> String {
        let commit = git.flatMap(commit(of:)) ?? "nogit"
        return "dev-\(commit)-\(stamp(time))"
    }

    /// `<commit12>[-dirty]`; nil before the first commit.
    static func commit(of git: GitState) -> String? {
        git.commit.map { $0.prefix(12) + (git.isDirty ? "-dirty" : "") }
    }

    /// The time as tags end with it: `20260102T030405678Z`.
    static func stamp(_ time: Date) -> String {
        time.timestamp.filter { $0.isLetter || $0.isNumber }
    }

    /// When a tag of this format was made; nil for any other tag.
    ///
    /// Only such tags are ours to remove: any other was chosen by a person.
    package static func time(of tag: String) -> Date? {
        var parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "dev", let stamp = parts.popLast() else { return nil }
        let isCommit =
            parts[1].utf8.count == 12 && parts[1].utf8.allSatisfy(NameGrammar.isHexDigit)
        guard parts.count == 2 ? isCommit || parts[1] == "nogit" : isCommit,
            parts.count == 2 || (parts.count == 3 && parts[2] == "dirty")
        else { return nil }
        return time(stamp: Array(stamp.utf8))
    }

    /// Reads `YYYYMMDDTHHMMSSmmmZ`.
    private static func time(stamp: [UInt8]) -> Date? {
        guard stamp.count == 19, stamp[8] == UInt8(ascii: "T"), stamp[18] == UInt8(ascii: "Z"),
            (stamp[..<8] + stamp[9..<18]).allSatisfy(NameGrammar.isDigit)
        else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: stamp[range], as: UTF8.self) }
        let day = "\(text(0..<4))-\(text(4..<6))-\(text(6..<8))"
        let hour = "\(text(9..<11)):\(text(11..<13)):\(text(13..<15)).\(text(15..<18))"
        return Date(timestamp: "\(day)T\(hour)Z")
    }

    /// A tag that the registry has in none of the repositories.
    ///
    /// - Parameter text: the tag for a time.
    /// - Throws: `DevClusterError` when the registry does not say.
    static func unused(
        in repositories: [String], now: Date, registry: RegistryClient,
        text: (Date) -> String
    ) async throws -> TagName {
        var time = now
        for _ in 0..<1000 {
            let tag = try TagName(text(time))
            let names = repositories.map {
                ManifestName(repository: $0, reference: tag.description)
            }
            let answers = try await registry.digests(of: names)
            try requireAnswers(answers, from: registry)
            if answers.values.allSatisfy({ $0 == .missing }) { return tag }
            time.addTimeInterval(0.001)
        }
        throw DevClusterError(
            .failed, "the registry at \(registry.baseURL) claims to have every tag",
            hint: "see what answers there")
    }
    /// Throws when the registry did not say of a manifest whether it has it.
    static func requireAnswers(
        _ answers: [ManifestName: RegistryAnswer<Digest>], from registry: RegistryClient
    ) throws(DevClusterError) {
        for (name, answer) in answers {
            if case .unknown(let reason) = answer {
                throw DevClusterError(
                    .failed,
                    "the registry at \(registry.baseURL) does not answer for"
                        + " '\(name.repository)': \(reason)",
                    hint: registry.remedy)
            }
        }
    }
}
