import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Verification
@testable import Vocabulary

struct VerificationWatchTests {
    private let sample: SampleSession
    private var registry = SampleRegistry()

    init() throws { try self.init(deadline: "5m") }

    private init(deadline: String) throws {
        sample = try SampleSession(["timeouts": ["rollout": .string(deadline)]])
        try sample.remember()
        try registry.add("rec-stale", "1", "tag-stale")
        try registry.add("rec-stale", nil, "old-stale")
        try registry.add("rec-web", "1", "1")
        sample.runner.expectCurl(registry)
    }

    private func expectPod(_ name: String, times: Int? = 1) throws {
        var list = try JSONValue(parsing: Fixture.cluster("images"))
        list["items"] = .array(
            (list["items"]?.array ?? []).filter { $0["metadata"]?["name"]?.string == name })
        sample.runner.expectKubectl(
            ["get"], returning: .ok(try list.encoded()), times: times)
    }

    private func watch() async throws -> VerificationReport {
        try await VerificationWatch(
            session: sample.session, verification: ImageVerification(session: sample.session),
            interval: .zero
        ).run(.namespace("rec-v"))
    }

    @Test func `it ends as soon as everything matches`() async throws {
        try expectPod("stale")
        try expectPod("one")
        #expect(try await watch().exitCode == 0)
        #expect(sample.activity.progress == ["0 of 1 match"])
    }

    @Test func `at the deadline it says what does not match, and why`() async throws {
        let short = try Self(deadline: "50ms")
        try short.expectPod("stale", times: nil)
        let error = await #expect(throws: DevClusterError.self) { try await short.watch() }
        #expect(error?.code == .deadline)
        #expect(error?.message.hasPrefix("not everything matches after 50ms: stale: ") == true)
        #expect(error?.message.contains("IfNotPresent serves the image cached") == true)
    }

    @Test func `a read that fails is no information`() async throws {
        sample.runner.expectKubectl(["get"], returning: .failure(1, stderr: "refused"))
        try expectPod("one")
        #expect(try await watch().exitCode == 0)
    }
}
