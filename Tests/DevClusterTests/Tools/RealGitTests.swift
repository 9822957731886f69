import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

/// What the git of this machine tells of repositories that somebody wants it to misread.
@Suite(.enabled(if: findExecutable("git") != nil)) struct RealGitTests {
    private let folder: TemporaryFolder
    private let runner = SystemRunner()
    private var mark: String { folder.file("ran") }

    init() async throws {
        folder = try TemporaryFolder()
        try folder.write("#!/bin/sh\ntouch '\(folder.file("ran"))'\ncat\n", to: "evil", mode: 0o755)
        try await repository("repo")
    }

    private func repository(_ name: String) async throws {
        try folder.write(name, to: "\(name)/file")
        try await git(name, "init", "--quiet")
        try await commit(name)
    }

    private func commit(_ name: String) async throws {
        try await git(name, "add", "--all")
        try await git(
            name, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet",
            "--message", name)
    }

    @discardableResult
    private func git(_ name: String, _ arguments: String...) async throws -> String {
        var invocation = Invocation("git", ["-C", folder.file(name)] + arguments)
        invocation.removedVariables = ProcessInfo.processInfo.environment.keys.filter {
            $0.hasPrefix("GIT_")
        }
        return try await runner.run(invocation).checked().text.trimmingSpace
    }

    private func state(_ name: String, _ environment: [String: String] = [:]) async throws
        -> GitState
    {
        // As a hook's environment is the whole of a process's.
        let hook = InheritingRunner(base: runner, environment: environment)
        let reading = try await Git(runner: hook, environment: environment)
            .reading(of: folder.file(name))
        guard case .state(let state) = reading else {
            throw DevClusterError(.failed, "\(reading)")
        }
        return state
    }

    private func touch(_ name: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)],
            ofItemAtPath: folder.file(name))
    }

    @Test func `a hook of another repository does not decide which commit it is`() async throws {
        try await repository("other")
        let head = try await git("repo", "rev-parse", "HEAD")
        let other = folder.file("other")
        let state = try await state(
            "repo",
            [
                "GIT_DIR": "\(other)/.git", "GIT_WORK_TREE": other, "GIT_COMMON_DIR": other,
                "GIT_INDEX_FILE": "\(other)/.git/index", "GIT_NAMESPACE": "x",
                "GIT_OBJECT_DIRECTORY": "\(other)/.git/objects",
                "GIT_CEILING_DIRECTORIES": folder.file("repo"), "GIT_PREFIX": "x/",
                "GIT_INTERNAL_SUPER_PREFIX": "x/", "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "status.showUntrackedFiles", "GIT_CONFIG_VALUE_0": "no",
            ])
        #expect(state == GitState(commit: head, isDirty: false))
    }

    @Test func `no program of the project runs`() async throws {
        let evil = folder.file("evil")
        try await git("repo", "config", "core.fsmonitor", evil)
        try await git("repo", "config", "filter.x.clean", evil)
        try await git("repo", "config", "filter.x.required", "true")
        try folder.write("* filter=x\n", to: "repo/.git/info/attributes")
        for hook in ["post-index-change", "fsmonitor-watchman"] {
            try folder.write(
                "#!/bin/sh\n\(evil) </dev/null\n", to: "repo/.git/hooks/\(hook)", mode: 0o755)
        }
        try touch("repo/file")
        #expect(try await !state("repo").isDirty)
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test func `nothing that the user hides from git status is hidden`() async throws {
        try await git("repo", "config", "status.showUntrackedFiles", "no")
        try folder.write("new", to: "repo/untracked")
        #expect(try await state("repo").isDirty)
    }

    @Test func `a submodule counts, and runs nothing either`() async throws {
        try await repository("inner")
        try await git(
            "repo", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
            folder.file("inner"), "sub")
        try await commit("repo")
        #expect(try await !state("repo").isDirty)
        let config = folder.file("repo/.git/modules/sub/config")
        try await git("repo", "config", "--file", config, "filter.x.clean", folder.file("evil"))
        try await git("repo", "config", "submodule.sub.ignore", "all")
        try folder.write("* filter=x\n", to: "repo/.git/modules/sub/info/attributes")
        try touch("repo/sub/file")
        #expect(try await !state("repo").isDirty)
        #expect(!FileManager.default.fileExists(atPath: mark))
        try folder.write("changed", to: "repo/sub/file")
        #expect(try await state("repo").isDirty)
        let head = try await git("repo/sub", "rev-parse", "HEAD")
        #expect(try await state("repo/sub") == GitState(commit: head, isDirty: true))
    }

    @Test(.enabled(if: geteuid() == 0)) func `a repository of another user is not called missing`()
        async throws
    {
        for path in ["repo", "repo/.git"] {
            try FileManager.default.setAttributes(
                [.ownerAccountID: 12345], ofItemAtPath: folder.file(path))
        }
        let reading = try await Git(runner: runner).reading(of: folder.file("repo"))
        guard case .untold(let reason, let remedy) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(reason.contains("dubious ownership"))
        #expect(remedy?.hasPrefix("git config --global --add safe.directory") == true)
        let safe = ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory"]
            .merging(["GIT_CONFIG_VALUE_0": folder.file("repo")]) { $1 }
        #expect(try await state("repo", safe).commit != nil)
    }
}

/// Gives children more of an environment than this process has.
private struct InheritingRunner: Runner {
    let base: any Runner
    let environment: [String: String]

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        var invocation = invocation
        invocation.environment =
            environment
            .filter { !invocation.removedVariables.contains($0.key) }
            .merging(invocation.environment) { $1 }
        return try await base.run(invocation, onOutput: onOutput)
    }
}
