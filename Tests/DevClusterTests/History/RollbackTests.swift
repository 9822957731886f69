import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Sessions
@testable import StateFiles
@testable import Vocabulary

struct RollbackTests {
    private static let digest = "sha256:" + SHA256.hex("1".utf8)

    private func record(
        _ tags: [String: String], exitCode: Int32 = 0, age: TimeInterval = 0,
        steps: [String: Double] = [:], isVerified: Bool? = nil
    ) throws -> DeployRecord {
        DeployRecord(
            time: Date(timeIntervalSince1970: 1_800_000_000 - age), seconds: 4, namespace: "shop",
            images: try tags.sorted { $0.key < $1.key }.map {
                .init(name: $0.key, tag: $0.value, digest: try Digest(Self.digest))
            }, verdicts: nil, exitCode: exitCode, error: exitCode == 0 ? nil : "it failed",
            steps: steps.map { .init(name: $0.key, seconds: $0.value) }, isVerified: isVerified)
    }

    @Test func `what was proven before a forward failed counts as proven`() throws {
        let records = [
            try record(["web": "dev-3"]),
            try record(["api": "dev-2"], exitCode: 1, isVerified: true),
            try record(["job": "dev-1"], exitCode: 1, isVerified: false),
            try record(["tool": "dev-0"], exitCode: 1),
        ]
        #expect(Rollback.images(of: 0, records).map(\.tag) == ["dev-2", "dev-3"])
    }

    private func sample(_ records: [DeployRecord]) async throws -> SampleSession {
        let sample = try SampleSession([
            "namespace": "shop", "images": [["name": "web"], ["name": "hello"], ["name": "api"]],
        ])
        try sample.remember()
        try await sample.session.records.append(records)
        return sample
    }

    @Test func `the history counts from the newest, and only of the namespace`() async throws {
        var other = try record(["web": "dev-0"])
        other.namespace = "other"
        let sample = try await sample([
            try record(["web": "dev-1"], age: 20), other,
            try record(["web": "dev-2"], exitCode: 1, age: 10),
        ])
        let list = try DeployHistory(session: sample.session).list()
        #expect(list.deploys.map(\.number) == [1, 2])
        #expect(list.deploys.map { $0.record.images[0].tag } == ["dev-2", "dev-1"])
        #expect(try DeployHistory(session: sample.session).list(limit: 1).deploys.count == 1)
    }

    @Test func `what another configuration deployed to the same namespace is not in the history`()
        async throws
    {
        let sample = try await sample([
            try record(["web": "dev-1"], age: 20), try record(["theirs": "dev-2"], age: 10),
            try record(["web": "dev-3", "theirs": "dev-3"]),
        ])
        let list = try DeployHistory(session: sample.session).list()
        #expect(list.deploys.map { $0.record.images[0].tag } == ["dev-3", "dev-1"])
    }

    @Test
    func `a deploy of an image that the configuration lost is refused before anything changes`()
        async throws
    {
        let sample = try await sample([
            try record(["hello": "rec-1", "renamed": "rec-1"], age: 10),
            try record(["hello": "rec-2"]),
        ])
        let error = await #expect(throws: DevClusterError.self) {
            try await Rollback(session: sample.session).run(2)
        }
        #expect(
            error?.message
                == "deploy 2 ran the image 'renamed', which spec.images does not have any more")
        #expect(sample.runner.calls.allSatisfy { $0.effect == .reads })
    }

    @Test func `a deploy of one image is completed by the proven ones before it`() throws {
        let records = try [
            record(["web": "dev-3"]), record(["api": "dev-bad"], exitCode: 1),
            record(["api": "dev-2", "web": "dev-2"]),
        ]
        #expect(Rollback.images(of: 0, records).map(\.tag) == ["dev-2", "dev-3"])
    }

    @Test func `a tag that the registry no longer has ends it before anything changes`()
        async throws
    {
        let sample = try await sample([
            try record(["hello": "rec-1"], age: 10), try record(["hello": "rec-2"]),
        ])
        sample.runner.expectCurl("head-404")
        let error = await #expect(throws: DevClusterError.self) {
            try await Rollback(session: sample.session).run()
        }
        #expect(
            error?.message
                == "deploy 2 cannot be repeated: the registry no longer has hello:rec-1")
        #expect(sample.runner.kubectlCalls.isEmpty)
    }

    @Test func `a tag that means something else by now ends it too`() async throws {
        let sample = try await sample([
            try record(["hello": "rec-1"], age: 10), try record(["hello": "rec-2"]),
        ])
        sample.runner.expectCurl("head-200")
        let error = await #expect(throws: DevClusterError.self) {
            try await Rollback(session: sample.session).run(2)
        }
        #expect(error?.message.contains("the registry serves ") == true)
        #expect(error?.message.contains(" for hello:rec-1, not 6b86b273ff34") == true)
    }

    @Test func `without a number the failed and the same are passed over`() async throws {
        let same = try await sample([
            try record(["web": "dev-1"], age: 30), try record(["web": "dev-1"], age: 20),
            try record(["web": "dev-2"], exitCode: 1, age: 15), try record(["web": "dev-1"]),
        ])
        let error = await #expect(throws: DevClusterError.self) {
            try await Rollback(session: same.session).run()
        }
        #expect(error?.message == "no earlier deploy was proven and ran anything else")
    }

    @Test func `a number that is not there is said`() async throws {
        let sample = try await sample([try record(["web": "dev-1"])])
        let error = await #expect(throws: DevClusterError.self) {
            try await Rollback(session: sample.session).run(2)
        }
        #expect(error?.message == "there is no deploy 2")
    }

    @Test func `a step is slow when it takes twice as long as usual`() throws {
        let earlier = try [3.0, 2.8, 9, 3.1].map { try record([:], steps: ["build web": $0]) }
        let steps = [
            DeployRecord.Step(name: "build web", seconds: 12), .init(name: "push web", seconds: 30),
            .init(name: "apply", seconds: 1), .init(name: "verify", seconds: 0.1),
        ]
        #expect(StepComparison.slower(steps, than: earlier).map(\.name) == ["build web"])
        #expect(StepComparison.slower(steps, than: earlier).first?.usual == 3.1)
        #expect(StepComparison.slower(steps, than: Array(earlier.prefix(2))).isEmpty)
        #expect(
            StepComparison.slowest(steps).map(\.name) == ["push web", "build web", "apply"])
    }
}
