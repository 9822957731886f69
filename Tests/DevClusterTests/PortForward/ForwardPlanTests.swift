import ChildProcess
import StateFiles
import TestSupport
import Testing

@testable import Forwards
@testable import Vocabulary

/// What a command has to change so that forwards are wanted.
struct ForwardPlanTests {
    private let state: StateFolder
    private let folder: String
    private let runner = ScriptedRunner()
    private let spec: ForwardSpec
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
        state = StateFolder(path: temporary.path)
        folder = state.cluster(.podman, "demo")
        var spec = sampleSpec("svc/web", "80")
        spec.port = freePort()
        self.spec = spec
    }

    private func specs(_ forwards: [ForwardSpec]) -> ForwardSpecs {
        ForwardSpecs(context: "kind-demo", forwards: forwards)
    }

    /// The same, asked for by another command.
    private func again(_ spec: ForwardSpec) -> ForwardSpec {
        var again = spec
        again.id = "2"
        return again
    }

    private func plan(
        _ wanted: [ForwardSpec], ended: [ForwardSpec] = [], from before: [ForwardSpec]
    ) async throws -> ForwardPlan {
        try await ForwardPlan(
            wanted, ended: ended, from: specs(before), ledger: ForwardLedger(folder: folder),
            ports: ForwardPorts(state: state, folder: folder, runner: runner))
    }

    /// Writes an entry as a supervisor does that lives.
    private func record(_ spec: ForwardSpec, _ status: ForwardStatus.State) throws {
        var record = ForwardRecord(spec, context: "kind-demo", state: status)
        record.supervisor = .current
        try ForwardLedger(folder: folder).write(record)
    }

    @Test func `what is usable is not asked for again`() async throws {
        try record(spec, .running)
        let plan = try await plan([again(spec)], from: [spec])
        #expect(plan.added.isEmpty)
        #expect(plan.after == plan.before)
    }

    @Test func `what still waits keeps its request, and what failed gets another`() async throws {
        try record(spec, .waiting)
        #expect(try await plan([again(spec)], from: [spec]).added == [spec])
        try record(spec, .failed)
        let plan = try await plan([again(spec)], from: [spec])
        #expect(plan.added.map(\.id) == ["2"])
        #expect(plan.after.forwards.map(\.id) == ["2"])
    }

    @Test func `another port takes the place of the one of before`() async throws {
        try record(spec, .running)
        var other = again(spec)
        other.port = freePort()
        let plan = try await plan([other], from: [spec])
        #expect(plan.added == [other])
        #expect(plan.after.forwards == [other])
    }

    @Test func `a port of another cluster's forward is refused, and the others are planned`()
        async throws
    {
        let process = try SleepingProcess()
        var taken = sampleForward("gateway", process: process.identity)
        taken.port = spec.port
        try ForwardLedger(folder: state.cluster(.podman, "other")).write(taken)
        var good = spec
        (good.name, good.port) = ("good", freePort())
        let plan = try await plan([spec, good], from: [])
        #expect(plan.added == [good])
        #expect(plan.after.forwards == [good])
        #expect(plan.failures.map(\.spec) == [spec])
        let message = (plan.failures.first?.error as? DevClusterError)?.message
        #expect(
            message == "port \(spec.port) is needed for the forward 'web', but the forward"
                + " 'gateway' of other has it")
    }

    @Test func `what has ended is not wanted any more`() async throws {
        let plan = try await plan([], ended: [spec], from: [spec])
        #expect(plan.after.forwards.isEmpty)
        #expect(plan.added.isEmpty)
    }
}
