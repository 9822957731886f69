import ChildProcess
import SystemLibraries
import Vocabulary

/// What git says of a folder.
public struct GitState: Sendable, Equatable, Codable {
    /// Full commit, nil before the first one.
    public var commit: String?
    /// Whether anything differs from the commit, untracked files included.
    public var isDirty: Bool
}

/// What came of asking git about a folder.
package enum GitReading: Sendable, Equatable {
    /// It answered.
    case state(GitState)
    /// The folder is in no repository.
    case noRepository
    /// There is no git.
    case noProgram
    /// It refused or failed, which says nothing of the folder.
    case untold(reason: String, remedy: String?)
}

/// The `git` program, asked only what runs nobody's code.
package struct Git: Sendable {
    let runner: any Runner
    private let environment: [String: String]

    /// git driven through this runner.
    ///
    /// - Parameter environment: that of this process.
    package init(runner: any Runner, environment: [String: String] = [:]) {
        self.runner = runner
        self.environment = environment
    }

    /// Commit and dirtiness of the repository that holds the folder.
    ///
    /// - Throws: `InvocationError` when git hangs or cannot be run.
    package func reading(of folder: String) async throws -> GitReading {
        do {
            return try await look(folder)
        } catch let error as InvocationError where error.reason == .notFound {
            return .noProgram
        }
    }

    /// One repository, then its submodules.
    ///
    /// git's own look into a submodule would run the filters of that submodule's configuration,
    /// and does not mind whose it is.
    private func look(_ folder: String) async throws -> GitReading {
        let filters = try await run(folder, GitFilters.query)
        guard let settings = GitFilters.settings(without: filters.text) else {
            return .untold(
                reason: "its configuration has a filter whose name contains '='", remedy: nil)
        }
        let status = try await run(folder, Git.status, settings: settings)
        guard status.succeeded else {
            let reading = Git.reading(ofFailure: status.errorText)
            // What is at a mount point's other side is not looked at.
            guard reading == .noRepository, GitText.lookedAbove.isIn(status.errorText),
                let broken = Git.repository(above: folder)
            else { return reading }
            return .untold(
                reason: "git takes \(ShownText.line(broken)) for no repository: it is damaged, or"
                    + " something else",
                remedy: nil)
        }
        var state = Git.state(fromStatus: status.text)
        guard !state.isDirty else { return .state(state) }
        for submodule in try await submodules(folder) where !state.isDirty {
            switch try await look(submodule) {
            case .state(let inner): state.isDirty = inner.isDirty
            case .untold(let reason, let remedy):
                return .untold(reason: reason, remedy: remedy)
            case .noRepository, .noProgram: break
            }
        }
        return .state(state)
    }

    /// What the user or the project set must not hide a difference: neither untracked files nor
    /// other commits of submodules.
    private static let status = [
        "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--no-renames",
        "--untracked-files=normal", "--ignore-submodules=dirty",
    ]

    /// The submodules that are checked out.
    private func submodules(_ folder: String) async throws -> [String] {
        let list = try await run(
            folder, ["ls-files", "--stage", "-z", "--", ":/"], outputLimit: 256 << 20
        ).checked()
        return list.output.split(separator: 0).compactMap { entry in
            guard entry.starts(with: "160000 ".utf8), let tab = entry.firstIndex(of: 9) else {
                return nil
            }
            let path = "\(folder)/\(String(decoding: entry[(tab + 1)...], as: UTF8.self))"
            return FileManager.default.fileExists(atPath: "\(path)/.git") ? path : nil
        }
    }

    /// Runs git in a folder, with no program that a project may have configured.
    private func run(
        _ folder: String, _ arguments: [String], settings: [String] = [],
        outputLimit: Int = Invocation.defaultOutputLimit
    ) async throws -> Outcome {
        let fixed = ["core.fsmonitor=", "core.hooksPath=/dev/null", "safe.bareRepository=explicit"]
        let all = fixed + trustedFolders.map { "safe.directory=\($0)" } + settings
        var invocation = Invocation(
            "git", ["-C", folder] + all.flatMap { ["-c", $0] } + arguments,
            environment: [
                // A status must not fail because another git holds the index lock, nor write it.
                "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C",
                // What a partial clone lacks is not fetched: that runs what its configuration says.
                "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "",
            ], outputLimit: outputLimit)
        invocation.removedVariables = environment.keys.filter {
            $0.hasPrefix("GIT_") && !Git.kept.contains($0)
        }.sorted()
        return try await runner.run(invocation)
    }

    /// Variables that say where git and the user's own settings are; all others can mean another
    /// repository, index or setting, above all those that git gives its hooks.
    private static let kept: Set = [
        "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    ]

    /// Folders that the environment calls safe, which is consent and decides nothing else.
    private var trustedFolders: [String] {
        let count = environment["GIT_CONFIG_COUNT"].flatMap { Int($0) } ?? 0
        return (0..<max(0, min(count, 1000))).compactMap { index in
            guard environment["GIT_CONFIG_KEY_\(index)"]?.lowercased() == "safe.directory" else {
                return nil
            }
            return environment["GIT_CONFIG_VALUE_\(index)"]
        }
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

    /// The nearest `.git` that git should have found; nil where there is none.
    private static func repository(above folder: String) -> String? {
        var folder = folder
        while true {
            let path = ConfigurationPath.joined(folder, ".git")
            if FileManager.default.fileExists(atPath: path) { return path }
            guard folder != "/", !folder.isEmpty else { return nil }
            folder = ConfigurationPath.parent(of: folder)
        }
    }

    /// Reads why a status failed.
    static func reading(ofFailure text: String) -> GitReading {
        let lines = text.split(whereSeparator: \.isNewline).map(\.trimmingSpace)
        if lines.contains(where: { GitText.noRepository.begins($0) }) {
            return .noRepository
        }
        let index = lines.firstIndex { GitText.fatal.begins($0) } ?? lines.startIndex
        let words = lines.dropFirst(index).prefix(lines.dropFirst(index).first?.last == ":" ? 2 : 1)
            .joined(separator: " ")
        let reason = GitText.fatal.rest(of: words) ?? words
        return .untold(
            reason: reason.isEmpty ? "git status failed" : ShownText.line(reason),
            remedy: lines.first { GitText.untrusted.begins($0) }
                .map { ShownText.line($0) })
    }
}
