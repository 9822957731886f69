import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Vocabulary

struct DeployPhaseTests {
    private let sample: SampleSession
    private let phase = DeployPhase()

    init() throws { sample = try SampleSession(["namespace": "rec-a"]) }

    private var interruption: DevClusterError {
        get async { await phase.interruption(sample.session, CancellationError()) }
    }

    @Test func `before the apply nothing in the cluster was changed`() async {
        let error = await interruption
        #expect(error.code == .interrupted)
        #expect(error.message.contains("before anything in the cluster was changed"))
    }

    @Test func `during the apply each workload's state is read once more`() async throws {
        sample.runner.expectKubectl(
            ["get"], returning: .ok(try Fixture.cluster("rollout-started")), namespace: "rec-a")
        let workloads = try ["deployment/fine", "deployment/new"].map { try WorkloadReference($0) }
        phase.enter(.applying(workloads))
        let error = await interruption
        #expect(error.message.contains("  | deployment/fine: 0 of 1 available"))
        #expect(error.message.contains("  | deployment/new: not there"))
    }

    @Test func `a cluster that does not say it is no second error`() async throws {
        sample.runner.expect("kubectl", throwing: .timedOut)
        phase.enter(.applying([try WorkloadReference("deployment/fine")]))
        #expect(await interruption.message.contains("the cluster does not say how far it is"))
    }

    @Test func `what is verified is not called unproven`() async {
        phase.enter(.verified)
        #expect(await interruption.message.contains("after everything was verified"))
    }
}
