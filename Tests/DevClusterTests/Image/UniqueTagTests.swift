import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Tools
@testable import Vocabulary

struct UniqueTagTests {
    /// 2026-01-02T03:04:05.678Z
    private let time = Date(timeIntervalSince1970: 1_767_323_045.678)
    private let commit = "accc56d41e917c2605b569da4a491d5a0c9f66e3"

    @Test func `the tag holds twelve digits of the commit and the time`() {
        #expect(
            UniqueTag.text(git: GitState(commit: commit, isDirty: false), at: time)
                == "dev-accc56d41e91-20260102T030405678Z")
    }

    @Test func `differences from the commit are said`() {
        #expect(
            UniqueTag.text(git: GitState(commit: commit, isDirty: true), at: time)
                == "dev-accc56d41e91-dirty-20260102T030405678Z")
    }

    @Test(arguments: [
        nil, GitState(commit: nil, isDirty: true), GitState(commit: nil, isDirty: false),
    ])
    func `without git, or before the first commit, the tag says so`(git: GitState?) {
        #expect(UniqueTag.text(git: git, at: time) == "dev-nogit-20260102T030405678Z")
    }

    @Test func `milliseconds are always three digits`() {
        let time = Date(timeIntervalSince1970: 1_767_323_045)
        #expect(UniqueTag.text(git: nil, at: time) == "dev-nogit-20260102T030405000Z")
    }

    private func unused(_ runner: ScriptedRunner, _ repositories: [String] = ["web"]) async throws
        -> String
    {
        try await UniqueTag.unused(
            in: repositories, now: time,
            registry: RegistryClient(baseURL: "http://127.0.0.1:5051", curl: Curl(runner: runner))
        ) { UniqueTag.text(git: nil, at: $0) }.description
    }

    @Test func `a tag the registry does not have is taken as it is`() async throws {
        let runner = ScriptedRunner()
        runner.expectCurl("head-404")
        #expect(try await unused(runner) == "dev-nogit-20260102T030405678Z")
    }

    @Test func `a tag in use is moved by a millisecond`() async throws {
        let runner = ScriptedRunner()
        runner.expectCurl("head-200")
        runner.expectCurl("head-404")
        #expect(try await unused(runner) == "dev-nogit-20260102T030405679Z")
    }

    @Test func `one repository that has it is enough`() async throws {
        let runner = ScriptedRunner()
        runner.expectCurl("head-404", "head-200")
        runner.expectCurl("head-404", "head-404")
        #expect(try await unused(runner, ["api", "web"]) == "dev-nogit-20260102T030405679Z")
    }

    @Test func `nothing to build needs no registry`() async throws {
        #expect(try await unused(ScriptedRunner(), []) == "dev-nogit-20260102T030405678Z")
    }

    @Test func `a registry that is down is an error that says what to do`() async throws {
        let runner = ScriptedRunner()
        runner.expectCurl("refused")
        let error = await #expect(throws: DevClusterError.self) { try await unused(runner) }
        #expect(error?.message.contains("Couldn't connect to server") == true)
        #expect(error?.message.contains("http://127.0.0.1:5051") == true)
        #expect(error?.hint == "devcluster up")
    }

    @Test func `what answers everything with a page does not keep us searching`() async throws {
        let runner = ScriptedRunner()
        runner.expectCurl("head-html")
        runner.expectCurl("get-html")
        let error = await #expect(throws: DevClusterError.self) { try await unused(runner) }
        #expect(error?.hint == "devcluster up")
    }

    @Test(arguments: [
        nil, GitState(commit: "accc56d41e917c2605b569da4a491d5a0c9f66e3", isDirty: false),
        GitState(commit: "accc56d41e917c2605b569da4a491d5a0c9f66e3", isDirty: true),
    ])
    func `a tag of ours tells when it was made`(git: GitState?) throws {
        let tag = UniqueTag.text(git: git, at: time)
        let read = try #require(UniqueTag.time(of: tag))
        #expect(abs(read.timeIntervalSince(time)) < 0.0005)
    }

    @Test(arguments: [
        "latest", "v1", "dev", "dev-", "dev-nogit", "dev-nogit-20260102T030405678",
        "dev-nogit-20261302T030405678Z", "dev-nogit-dirty-20260102T030405678Z",
        "dev-anna-20260102T030405678Z", "dev-accc56d41e9-20260102T030405678Z",
        "dev-accc56d41e91-clean-20260102T030405678Z", "rc-accc56d41e91-20260102T030405678Z",
        "dev-accc56d41e91--20260102T030405678Z", "git-accc56d41e91",
        "dev-accc56d41e91-2026-0102T030405678Z",
    ])
    func `a tag that people chose is not taken for one of ours`(tag: String) {
        #expect(UniqueTag.time(of: tag) == nil)
    }
}
