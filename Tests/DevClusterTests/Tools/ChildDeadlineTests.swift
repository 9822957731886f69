import ChildProcess
import TestSupport
import Testing

@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct ChildDeadlineTests {
    private func deadlines(_ child: String) async throws -> [Duration?] {
        let sample = try SampleSession(["timeouts": ["child": .string(child)]])
        sample.runner.expectKubectl(["get", "pods"], times: 2)
        sample.runner.expectKubectl(["delete"])
        sample.runner.expect("podman", ["ps"])
        _ = try await sample.session.kubectl.run(["get", "pods"])
        _ = try await sample.session.kubectl.run(["delete", "pod/a"], effect: .changes)
        _ = try await sample.session.engine.run(["ps"])
        _ = try await sample.session.kubectl.run(["get", "pods"], deadline: .seconds(90))
        return sample.runner.calls.map(\.deadline)
    }

    @Test func `spec.timeouts.child is the deadline of children that have none of their own`()
        async throws
    {
        #expect(
            try await deadlines("7s")
                == [.seconds(7), .seconds(30), .seconds(7), .seconds(90)])
        #expect(
            try await deadlines("2m")
                == [.seconds(120), .seconds(120), .seconds(120), .seconds(90)])
    }
}
