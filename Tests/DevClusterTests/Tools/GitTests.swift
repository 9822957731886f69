import ChildProcess
import TestSupport
import Testing

@testable import DevCluster

struct GitTests {
    private let runner = ScriptedRunner()
    private let commit = "accc56d41e917c2605b569da4a491d5a0c9f66e3"

    private func state() async throws -> GitState? {
        try await Git(runner: runner).state(of: "/repo")
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

    @Test func `outside a repository there is no state`() async throws {
        runner.expect(
            "git",
            returning: .failure(
                128,
                stderr: "fatal: not a git repository (or any of the parent directories): .git\n"))
        #expect(try await state() == nil)
    }

    @Test func `without git there is no state`() async throws {
        runner.expect("git", throwing: .notFound)
        #expect(try await state() == nil)
    }

    @Test func `a git that hangs is an error`() async throws {
        runner.expect("git", throwing: .timedOut)
        await #expect(throws: InvocationError.self) { try await state() }
    }

    @Test func `another git that holds the index does no harm`() async throws {
        runner.expect(
            "git", ["-C", "/repo", "status"],
            returning: .ok(try Fixture.text("git-2.39.5-status-clean.txt")))
        #expect(try await state()?.commit == commit)
        #expect(runner.calls[0].environment["GIT_OPTIONAL_LOCKS"] == "0")
    }
}
