import ChildProcess
import TestSupport
import Testing

@testable import Tools

struct GitTests {
    private let runner = ScriptedRunner()
    private let commit = "accc56d41e917c2605b569da4a491d5a0c9f66e3"

    private func reading(_ environment: [String: String] = [:]) async throws -> GitReading {
        try await Git(runner: runner, environment: environment).reading(of: "/repo")
    }

    private func status(_ recording: String) throws -> Outcome {
        .ok(try Fixture.text("git-2.39.5-status-\(recording).txt"))
    }

    @Test(arguments: [
        ("clean", false), ("untracked", true), ("staged", true), ("detached", true),
    ]) func `the state of a repository is read`(recording: String, isDirty: Bool) throws {
        let text = try Fixture.text("git-2.39.5-status-\(recording).txt")
        #expect(Git.state(fromStatus: text) == GitState(commit: commit, isDirty: isDirty))
    }

    @Test func `before the first commit there is none`() throws {
        let text = try Fixture.text("git-2.39.5-status-initial.txt")
        #expect(Git.state(fromStatus: text) == GitState(commit: nil, isDirty: false))
    }

    @Test(arguments: [
        "fatal: not a git repository (or any of the parent directories): .git\n",
        """
        fatal: not a git repository (or any parent up to mount point /)
        Stopping at filesystem boundary (GIT_DISCOVERY_ACROSS_FILESYSTEM not set).

        """,
    ]) func `outside a repository there is no state`(words: String) async throws {
        runner.expectGit("status", returning: .failure(128, stderr: words))
        #expect(try await reading() == .noRepository)
    }

    @Test func `a repository that git does not take for one is no missing one`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("garbage", to: ".git/HEAD")
        try folder.write("x", to: "shop/web/x")
        runner.expectGit(
            "status",
            returning: .failure(
                128,
                stderr: "fatal: not a git repository (or any of the parent directories): .git\n"))
        let reading = try await Git(runner: runner).reading(of: folder.file("shop/web"))
        guard case .untold(let reason, nil) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(reason.hasPrefix("git takes \(folder.file(".git")) for no repository"))
    }

    @Test func `without git there is no state`() async throws {
        runner.expect("git", throwing: .notFound)
        #expect(try await reading() == .noProgram)
    }

    @Test func `dubious ownership is no missing repository, and comes with git's cure`()
        async throws
    {
        // git 2.39.5
        let words = """
            fatal: detected dubious ownership in repository at '/repo'
            To add an exception for this directory, call:

            \tgit config --global --add safe.directory /repo

            """
        runner.expectGit("status", returning: .failure(128, stderr: words))
        #expect(
            try await reading()
                == .untold(
                    reason: "detected dubious ownership in repository at '/repo'",
                    remedy: "git config --global --add safe.directory /repo"))
    }

    @Test(arguments: [
        // All of git 2.39.5: a worktree whose repository was moved, and other damage.
        ("fatal: not a git repository: /gone/.git/worktrees/wt\n", "not a git repository: /gone"),
        ("fatal: invalid gitfile format: /repo/.git\n", "invalid gitfile format"),
        ("fatal: bad object HEAD\n", "bad object HEAD"),
        (
            "fatal: unknown repository extension found:\n\tfoo\n",
            "unknown repository extension found: foo"
        ),
        ("", "git status failed"),
    ]) func `a repository that git cannot read is no missing one`(words: String, reason: String) {
        guard case .untold(let said, nil) = Git.reading(ofFailure: words) else {
            Issue.record("\(Git.reading(ofFailure: words))")
            return
        }
        #expect(said.hasPrefix(reason))
    }

    @Test func `a git that hangs is an error`() async throws {
        runner.expect("git", throwing: .timedOut)
        await #expect(throws: InvocationError.self) { try await reading() }
    }

    @Test func `another git that holds the index does no harm`() async throws {
        runner.expectGit("status", returning: try status("clean"))
        #expect(try await reading() == .state(GitState(commit: commit, isDirty: false)))
        #expect(runner.calls.allSatisfy { $0.environment["GIT_OPTIONAL_LOCKS"] == "0" })
    }

    @Test func `what git gives its hooks decides nothing`() async throws {
        runner.expectGit("status", returning: try status("clean"))
        _ = try await reading([
            "GIT_DIR": "/other/.git", "GIT_WORK_TREE": "/other", "GIT_INDEX_FILE": "/other/index",
            "GIT_CEILING_DIRECTORIES": "/repo", "GIT_CONFIG_PARAMETERS": "'core.fsmonitor=x'",
            "GIT_CONFIG_GLOBAL": "/home/me/gitconfig", "PATH": "/bin", "LEGIT_X": "1",
        ])
        for call in runner.calls {
            #expect(
                call.removedVariables == [
                    "GIT_CEILING_DIRECTORIES", "GIT_CONFIG_PARAMETERS", "GIT_DIR",
                    "GIT_INDEX_FILE", "GIT_WORK_TREE",
                ])
        }
    }

    @Test func `a folder that the environment calls safe stays safe`() async throws {
        runner.expectGit("status", returning: try status("clean"))
        _ = try await reading([
            "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "core.fsmonitor",
            "GIT_CONFIG_VALUE_0": "/evil", "GIT_CONFIG_KEY_1": "safe.directory",
            "GIT_CONFIG_VALUE_1": "/repo",
        ])
        let arguments = try #require(runner.calls.last?.arguments)
        #expect(arguments.contains("safe.directory=/repo"))
        #expect(!arguments.contains { $0.contains("/evil") })
    }

    @Test func `a project's filters are replaced by the user's, or by none`() throws {
        let text = [
            "global", "filter.lfs.clean\ngit-lfs clean -- %f", "global",
            "filter.lfs.process\ngit-lfs filter-process", "local", "filter.lfs.process\n/evil",
            "local", "filter.x.clean\n/evil", "worktree", "filter.y.z.clean",
        ].map { $0 + "\0" }.joined()
        #expect(
            GitFilters.settings(without: text) == [
                "filter.lfs.process=git-lfs filter-process", "filter.lfs.required=false",
                "filter.x.clean=", "filter.x.required=false", "filter.y.z.clean=",
                "filter.y.z.required=false",
            ])
        #expect(GitFilters.settings(without: "") == [])
        #expect(GitFilters.settings(without: "local\0filter.a=b.clean\n/evil\0") == nil)
    }
}

extension ScriptedRunner {
    /// Expects a git that has no filters of its project's and no submodules, and is asked so.
    func expectGit(_ verb: String, returning outcome: Outcome, times: Int? = 1) {
        for other in ["config", "ls-files"] {
            expect(
                where: { $0.tool == "git" && $0.arguments.contains(other) }, named: "git \(other)",
                times: nil
            ) { _ in other == "config" ? .failure(1) : .ok() }
        }
        expect(
            where: { $0.tool == "git" && $0.arguments.contains(verb) }, named: "git \(verb)",
            times: times
        ) { _ in outcome }
    }
}
