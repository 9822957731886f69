import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Vocabulary

struct JobReplacementTests: ApplySuite {
    let sample: SampleSession
    let time = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "demo"]) }

    /// The recorded Job as it is in the cluster, with the label of a project.
    private func liveJob(project: String?) throws -> JSONValue {
        var job = try JSONValue(parsing: Fixture.cluster("job"))
        job["metadata"]?["namespace"] = "demo"
        if let project {
            job["metadata"]?["labels"] = ["devcluster.dev/project": .string(project)]
        }
        return job
    }

    /// The manifest that was applied for the recorded Job, with another image or the same.
    private func job(_ image: String?) throws -> JSONValue {
        let annotations = try liveJob(project: nil)["metadata"]?["annotations"]
        let key = "kubectl.kubernetes.io/last-applied-configuration"
        var manifest = try JSONValue(parsing: try #require(annotations?[key]?.string))
        manifest["metadata"]?["namespace"] = nil
        if let image {
            manifest["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"] = .string(image)
        }
        return manifest
    }

    @Test func `a Job whose template is the same is left alone`() async throws {
        try await applier.replaceJobs(
            [job(nil)], live: [liveJob(project: "devcluster-demo")])
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `a Job of ours with another template is deleted first`() async throws {
        sample.runner.expectKubectl(["delete", "job/good", "--wait=true"], namespace: "demo")
        try await applier.replaceJobs(
            [job("localhost:5051/web:2")], live: [liveJob(project: "devcluster-demo")])
        #expect(sample.runner.calls[0].effect == .changes)
    }

    /// The recorded Job as it is after its last try.
    private func failedJob(project: String?) throws -> JSONValue {
        var job = try liveJob(project: project)
        job["status"] = ["conditions": [["type": "Failed", "status": "True"]]]
        return job
    }

    @Test func `a Job of ours that failed runs anew`() async throws {
        sample.runner.expectKubectl(["delete", "job/good", "--wait=true"], namespace: "demo")
        try await applier.replaceJobs([job(nil)], live: [failedJob(project: "devcluster-demo")])
        #expect(sample.activity.notes == ["Job/good failed before, and runs anew"])
    }

    @Test func `a failed Job of others stays as it is`() async throws {
        try await applier.replaceJobs([job(nil)], live: [failedJob(project: nil)])
        #expect(sample.runner.calls.isEmpty)
    }

    @Test(arguments: [nil, "somebody-else"])
    func `a Job of others is never deleted`(project: String?) async throws {
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.replaceJobs(
                [job("localhost:5051/web:2")], live: [liveJob(project: project)])
        }
        #expect(error?.message.hasPrefix("Job/good has another template") == true)
        #expect(error?.hint?.contains("delete job good") == true)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `a Job that is new, or in another namespace, needs no deletion`() async throws {
        try await applier.replaceJobs([job("x")], live: [])
        var far = try job("x")
        far["metadata"]?["namespace"] = "other"
        try await applier.replaceJobs([far], live: [liveJob(project: "devcluster-demo")])
        #expect(sample.runner.calls.isEmpty)
    }
}
