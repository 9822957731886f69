import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Sessions
@testable import StateFiles
@testable import Verification
@testable import Vocabulary

struct ProjectNamespacesTests {
    private func record(_ namespace: String, _ all: [String]?) -> DeployRecord {
        DeployRecord(
            time: Date(timeIntervalSince1970: 1_800_000_000), seconds: 1, namespace: namespace,
            images: [], verdicts: nil, exitCode: 0, error: nil, steps: [], repeats: nil,
            namespaces: all)
    }

    private func sample(_ records: DeployRecord...) async throws -> SampleSession {
        let sample = try SampleSession(["namespace": "shop"])
        try sample.remember()
        try await sample.session.records.append(records)
        return sample
    }

    private func expectLabels(_ sample: SampleSession, _ outcome: Outcome) {
        sample.runner.expect(
            where: { $0.arguments.contains("--selector") }, named: "labels",
            answering: { _ in outcome })
    }

    @Test func `the configured one is always among them`() async throws {
        let sample = try await sample()
        #expect(try ProjectNamespaces(session: sample.session).recorded == ["shop"])
    }

    @Test func `those of recorded deploys are, also of failed ones and of older versions`()
        async throws
    {
        let sample = try await sample(record("shop", nil), record("shop", ["jobs", "shop"]))
        #expect(try ProjectNamespaces(session: sample.session).recorded == ["jobs", "shop"])
    }

    @Test func `labels tell what no record knows, and records whose the rest is`() async throws {
        let sample = try await sample(
            record("shop", ["shop", "both"]), record("other", ["other", "both", "theirs"]))
        expectLabels(sample, .ok("shop\nboth\nother\ntheirs\nfar\nfar\n"))
        let found = try await ProjectNamespaces(session: sample.session).find()
        #expect(found == ["shop", "both", "far"])
        let call = try #require(sample.runner.calls.last)
        #expect(
            call.arguments.contains(
                "devcluster.dev/managed=true,devcluster.dev/project=devcluster-demo"))
    }

    @Test func `what another configuration of the same cluster deployed is not ours`() async throws
    {
        let sample = try await sample(record("shop", ["shop"]))
        expectLabels(sample, .ok("shop shop\nplain other\nfar shop\nold \n"))
        #expect(
            try await ProjectNamespaces(session: sample.session).find() == ["shop", "far", "old"])
    }

    @Test func `an account that may not look around sees what is recorded`() async throws {
        let sample = try await sample(record("shop", ["shop", "jobs"]))
        expectLabels(
            sample,
            .failure(1, stderr: "Error from server (Forbidden): pods is forbidden: User \"a\"\n"))
        #expect(try await ProjectNamespaces(session: sample.session).find() == ["jobs", "shop"])
    }

    @Test func `a cluster that does not answer is an error`() async throws {
        let sample = try await sample()
        expectLabels(sample, .failure(1, stderr: "The connection to the server was refused\n"))
        await #expect(throws: DevClusterError.self) {
            try await ProjectNamespaces(session: sample.session).find()
        }
    }

    @Test func `verification looks into all of them, a call each`() async throws {
        let sample = try await sample(record("shop", ["shop", "jobs"]))
        expectLabels(sample, .ok("shop\nfar\n"))
        for name in ["shop", "jobs", "far"] {
            sample.runner.expectKubectl(
                ["get", VerificationScope.resources], returning: .ok(#"{"items": []}"#),
                namespace: name)
        }
        let report = try await ImageVerification(session: sample.session).run(.project)
        #expect(report.containers.isEmpty)
    }
}
