import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import StateFiles
@testable import Tools
@testable import Vocabulary
@testable import Workloads

struct StandstillTests {
    private func remaining() throws -> [RemainingObject] {
        try KubernetesList<RemainingObject>(
            parsing: Data(try Fixture.cluster("remaining").utf8)
        ).items
    }

    private func content(_ name: String) throws -> NamespaceContent {
        NamespaceContent(
            status: try JSONValue(parsing: Data(try Fixture.cluster(name).utf8))["status"] ?? .null)
    }

    @Test func `the conditions of a namespace say what is left`() throws {
        let content = try content("namespace-terminating")
        #expect(content.remaining.map(\.resource) == ["configmaps", "pods"])
        #expect(content.count == 2)
        #expect(content.finalizers == ["example.com/hold"])
        #expect(content.failures == [])
    }

    @Test func `types of a group are named with it`() {
        let content = NamespaceContent(status: [
            "conditions": [
                [
                    // A guess: the words of the recorded condition with another type.
                    "type": "NamespaceContentRemaining", "status": "True",
                    "message":
                        "Some resources are remaining: deployments.apps has 3 resource instances, -x has 1 resource instances",
                ]
            ]
        ])
        #expect(content.summary == "3 objects left: 3 deployments.apps")
    }

    @Test func `a group that does not answer is known as the cause`() throws {
        let content = try content("namespace-discovery-failure")
        #expect(content.hasUnknownGroups)
        #expect(content.summary == "nothing left of what can be listed")
        #expect(content.failures.first?.contains("dead.example.com/v1beta1") == true)
    }

    @Test func `pods in their grace period are slow, what a finalizer keeps is stuck`() throws {
        let objects = try remaining()
        let pod = try #require(objects.first { $0.kind == "Pod" })
        let due = try #require(Date(timestamp: pod.metadata.deletionTimestamp ?? ""))
        let slow = Standstill(subject: "namespace shop", objects: [pod])
        #expect(slow.isSlow(now: due))
        #expect(slow.text(now: due) == "namespace shop is slow: pod/p is ending")
        #expect(
            slow.text(now: due + 60)
                == "namespace shop is stuck: pod/p should have been gone 60 s ago: does node h-f-control-plane work?"
        )
        let stuck = Standstill(subject: "namespace shop", objects: [pod] + objects)
        #expect(
            stuck.text(now: due).hasPrefix(
                "namespace shop is stuck: configmap/held is kept by the finalizer example.com/hold; "
            ))
    }

    @Test func `the finalizers that protect a volume are never taken out`() throws {
        let text = try Fixture.cluster("remaining").replacing(
            "\"example.com/hold\"\n", with: "\"kubernetes.io/pvc-protection\"\n")
        let objects = try KubernetesList<RemainingObject>(
            parsing: Data(text.utf8)
        ).items
        #expect(objects.contains { $0.holdingFinalizers == ["kubernetes.io/pvc-protection"] })
        #expect(Standstill(subject: "x", objects: objects).strippable.isEmpty)
    }

    @Test func `the pace slows down while nothing changes, and recovers`() {
        var pace = DeletionPace()
        let still = (0..<6).map { _ in pace.pause(hasProgress: false) }
        #expect(still == [1, 2, 4, 8, 10, 10].map { Duration.seconds($0) })
        #expect(pace.pause(hasProgress: true) == .seconds(1))
        #expect(pace.pause(hasProgress: false) == .seconds(2))
    }

    @Test func `the fifth error in a row that spans long ends the wait`() async throws {
        let activity = RecordedActivity()
        let clock = ManualClock()
        var silence = APISilence(reading: "namespace shop", activity, clock: clock.clock)
        let failure = InvocationError(
            .failed(.code(1)), Invocation("kubectl", []), errorOutput: Data("a\nlast line\n".utf8))
        for _ in 0..<4 {
            let value: Int? = try await silence.attempt { throw failure }
            #expect(value == nil)
        }
        #expect(try await silence.attempt { 1 } == 1)
        for _ in 0..<4 { let _: Int? = try await silence.attempt { throw failure } }
        try await clock.clock.sleep(.seconds(30))
        let error = await #expect(throws: DevClusterError.self) {
            let _: Int? = try await silence.attempt { throw failure }
        }
        #expect(error?.message.hasPrefix("the API did not answer 5 times in a row") == true)
        #expect(activity.warnings.last == "reading namespace shop failed (5 in a row): last line")
    }

    @Test func `five errors at once are no reason to give up`() async throws {
        var silence = APISilence(reading: "namespace shop", RecordedActivity())
        for _ in 0..<20 {
            let value: Int? = try await silence.attempt {
                throw InvocationError(.timedOut, Invocation("kubectl", []))
            }
            #expect(value == nil)
        }
    }
}
