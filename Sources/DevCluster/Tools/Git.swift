import ChildProcess

/// What git says of a folder.
public struct GitState: Sendable, Equatable, Codable {
    /// Full commit, nil before the first one.
    public var commit: String?
    /// Whether anything differs from the commit, untracked files included.
    public var isDirty: Bool
}

/// The `git` program.
public struct Git: Sendable {
    let runner: any Runner

    /// git driven through this runner.
    public init(runner: any Runner) {
        self.runner = runner
    }

    /// Commit and dirtiness of the repository that holds the folder, in one call.
    ///
    /// - Returns: nil when the folder is in no repository, or there is no git: a tag without a
    ///   commit is still unique.
    public func state(of folder: String) async throws -> GitState? {
        let invocation = Invocation(
            "git", ["-C", folder, "status", "--porcelain=v2", "--branch"],
            // A status must not fail because another git holds the index lock.
            environment: ["GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"])
        let outcome: Outcome
        do {
            outcome = try await runner.run(invocation)
        } catch let error as InvocationError where error.reason == .notFound {
            return nil
        }
        guard outcome.succeeded else { return nil }
        return Git.state(fromStatus: outcome.text)
    }

    /// Reads `git status --porcelain=v2 --branch`: `# branch.oid <commit>|(initial)`, then a line
    /// for each difference.
    static func state(fromStatus text: String) -> GitState {
        var state = GitState(commit: nil, isDirty: false)
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("# branch.oid ") {
                let commit = line.dropFirst("# branch.oid ".count)
                if commit.allSatisfy(\.isHexDigit) { state.commit = String(commit) }
            } else if !line.hasPrefix("#") {
                state.isDirty = true
            }
        }
        return state
    }
}
