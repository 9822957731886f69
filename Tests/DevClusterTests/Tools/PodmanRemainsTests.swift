import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

/// Only where no other build runs on this machine is anything looked for.
struct PodmanRemainsTests {
    private let runner = ScriptedRunner()
    /// When the recorded build began that was killed.
    private let start = 1_795_264_938.0

    init() throws {
        runner.expect(
            "podman", ["ps", "--all", "--external", "--format", "json"],
            returning: .ok(try Fixture.text("podman-4.3.1-ps-external.json")), times: nil)
        runner.expect("podman", ["rm", "--force"], times: nil)
    }

    private func removed(since time: Double, engine: EngineName = .podman) async -> [String] {
        await Engine(engine, runner: runner).removeBuildRemains(
            since: Date(timeIntervalSince1970: time))
        return runner.calls.last { $0.arguments.first == "rm" }.map(\.arguments)?.suffix(1) ?? []
    }

    @Test func `only the working container of the killed build is removed`() async {
        let removed = await removed(since: start)
        if !runner.calls.isEmpty {
            #expect(removed.count == 1)
            #expect(removed.first?.hasPrefix("d21819dbe34b") == true)
            #expect(runner.calls.last?.arguments.count == 3)
        }
    }

    @Test func `working containers of earlier builds stay`() async {
        #expect(await removed(since: start + 1).isEmpty)
    }

    @Test func `docker leaves nothing behind`() async {
        #expect(await removed(since: start, engine: .docker).isEmpty)
        #expect(runner.calls.isEmpty)
    }

    @Test func `an engine that does not work is no error here`() async {
        let runner = ScriptedRunner()
        runner.expect("podman", returning: .failure(125, stderr: "broken"), times: nil)
        await Engine(.podman, runner: runner).removeBuildRemains(since: Date())
    }
}
