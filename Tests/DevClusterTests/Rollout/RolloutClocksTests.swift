import Testing

@testable import Vocabulary
@testable import Workloads

/// How often a container may crash before it is given up.
struct RolloutClocksTests {
    private let workload: WorkloadReference
    private let other: WorkloadReference
    private let now = ContinuousClock.now

    init() throws {
        workload = try WorkloadReference("deployment/web")
        other = try WorkloadReference("deployment/worker")
    }

    private func crash(_ restarts: BoundedInteger, exit: String = "1 Error") -> RolloutProblem {
        RolloutProblem(
            pod: "web-1", container: "web", kind: .crash(.init(restarts: restarts, exit: exit)),
            reason: "CrashLoopBackOff", message: "")
    }

    private func clocks(_ crashes: [RolloutProblem]) -> RolloutClocks {
        var clocks = RolloutClocks()
        for crash in crashes { _ = clocks.note(crash, of: workload, state: "", at: now) }
        return clocks
    }

    @Test(arguments: [(3, false), (4, true), (9, true)])
    func `the fourth restart with the same exit is one too many`(
        restarts: Int, isHopeless: Bool
    ) {
        let clocks = clocks([crash(0), crash(BoundedInteger(restarts))])
        #expect(clocks.isHopeless(workload, maxRestarts: 4) == isHopeless)
    }

    @Test func `another exit is another problem, and begins anew`() {
        let other = (2...5).map { crash(BoundedInteger($0), exit: "2 Error") }
        #expect(!clocks([crash(1)] + other).isHopeless(workload, maxRestarts: 4))
        let more = (2...6).map { crash(BoundedInteger($0), exit: "2 Error") }
        #expect(clocks([crash(1)] + more).isHopeless(workload, maxRestarts: 4))
    }

    @Test func `after something else came up it gets another try`() {
        var clocks = clocks([crash(6)])
        #expect(clocks.isHopeless(workload, maxRestarts: 4))
        clocks.noteProgress(except: other)
        #expect(!clocks.isHopeless(workload, maxRestarts: 4))
        _ = clocks.note(crash(7), of: workload, state: "", at: now)
        #expect(clocks.isHopeless(workload, maxRestarts: 4))
    }

    @Test func `a program that cannot be started is one problem, before and in its back-off`() {
        func problem(_ reason: String) -> RolloutProblem {
            RolloutProblem(
                pod: "web-1", container: "web", kind: .configuration, reason: reason, message: "")
        }
        var clocks = RolloutClocks()
        let later = now + .seconds(9)
        let first = clocks.note(problem("RunContainerError"), of: workload, state: "", at: now)
        let second = clocks.note(problem("CrashLoopBackOff"), of: workload, state: "", at: later)
        #expect(first && !second, "it is said once")
        #expect(clocks.age(of: workload, at: later) == .seconds(9))
        let other = clocks.note(
            problem("CreateContainerConfigError"), of: workload, state: "", at: later)
        #expect(other)
    }

    @Test func `its own coming further is no reason to wait`() {
        var clocks = clocks([crash(6)])
        clocks.noteProgress(except: workload)
        #expect(clocks.isHopeless(workload, maxRestarts: 4))
    }

    @Test func `a container that runs just now is not given up`() {
        var clocks = clocks([crash(6)])
        clocks.clear(workload)
        #expect(!clocks.isHopeless(workload, maxRestarts: 4))
    }

    @Test func `a workload that comes further has its time anew`() {
        var clocks = RolloutClocks()
        let problem = RolloutProblem(kind: .unschedulable, reason: "Unschedulable", message: "x")
        for (state, seconds) in [("0 of 3", 0), ("0 of 3", 20), ("1 of 3", 25)] {
            _ = clocks.note(problem, of: workload, state: state, at: now + .seconds(seconds))
        }
        #expect(clocks.age(of: workload, at: now + .seconds(35)) == .seconds(10))
    }

    @Test func `a probe that fails for a moment is not told`() {
        var clocks = RolloutClocks()
        let probe = RolloutProblem(kind: .probe(.readiness), reason: "not ready", message: "404")
        let told = [0, 400, 600, 2000].map { milliseconds in
            clocks.note(
                probe, of: workload, state: "", at: now + .milliseconds(milliseconds))
        }
        #expect(told == [false, false, true, false])
    }
}
