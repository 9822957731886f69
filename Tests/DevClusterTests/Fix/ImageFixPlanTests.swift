import Foundation
import TestSupport
import Testing

@testable import Registries
@testable import Tools
@testable import Verification
@testable import Vocabulary
@testable import Workloads

/// What `--fix` decides for the pods of recorded rollouts, whose verdicts are given here.
struct ImageFixPlanTests {
    private let digest = "sha256:" + String(repeating: "b", count: 64)

    /// A finding for a container of a recorded pod, whose owner's containers may name other images.
    private func finding(
        _ pod: String, in recording: String, cause: StaleCause?, image: String? = nil,
        template: String? = nil
    ) throws -> VerificationFinding {
        var text = try Fixture.cluster("rollout-\(recording)")
        if let template {
            for old in [
                "localhost:5051/rec-web:1", "localhost:5051/hello:dev-nogit-20261121T115302180Z",
            ] {
                text = text.replacing(old, with: template)
            }
        }
        let objects = try RolloutObjects(parsing: Data(text.utf8))
        let found = try #require(objects.pods.first { $0.metadata.name.hasPrefix(pod) })
        let owner = PodOwners(objects).owner(of: found)
        var container = try #require(ContainerImage.all(of: found, owner: owner).last)
        container.image = image ?? container.image
        var judged = JudgedContainer(container, cause == nil ? .match : .stale, nil)
        judged.cause = cause
        return VerificationFinding(judged: judged, owner: owner)
    }

    @Test func `a workload that replaces its pods is restarted, and its tag cleared`() throws {
        let plan = ImageFixPlan([
            try finding("fine-7f955b76dd", in: "settled", cause: .cachedImage),
            try finding("fine-7f955b76dd", in: "settled", cause: .cachedImage),
        ])
        #expect(plan.owners.map(\.name) == ["deployment/fine"])
        #expect(plan.owners.map(\.namespace) == ["rec-a"])
        #expect(plan.owners.map(\.replacement) == [.restart])
        #expect(
            plan.cached == ["localhost:5051/hello:dev-nogit-20261121T115302180Z"])
        #expect(plan.left.isEmpty)
    }

    @Test func `where nodes cannot be reached, a cached image is left, and what to do is said`()
        throws
    {
        let cached = try finding("fine-7f955b76dd", in: "settled", cause: .cachedImage)
        let plan = ImageFixPlan([cached], reachesNodes: false)
        #expect(plan.owners.isEmpty)
        #expect(plan.cached.isEmpty)
        #expect(plan.left.first?.reason.contains("devcluster deploy --unique-tag") == true)
        var pulls = cached
        pulls.judged.subject.pullPolicy = "Always"
        let restart = ImageFixPlan([pulls], reachesNodes: false)
        #expect(restart.owners.map(\.replacement) == [.restart])
        #expect(restart.cached.isEmpty)
    }

    @Test func `a pinned digest is taken out, and the rollout that follows replaces the pods`()
        throws
    {
        let pinned = "localhost:5051/web:1@\(digest)"
        let plan = ImageFixPlan([
            try finding("fine-7f955b76dd", in: "settled", cause: .pinnedDigest, template: pinned)
        ])
        let owner = try #require(plan.owners.first)
        #expect(owner.replacement == .rollout)
        #expect(
            owner.references == [.init(container: "web", reference: "localhost:5051/web:1")])
        #expect(plan.cached == ["localhost:5051/web:1"])
    }

    @Test func `a pinned pod of a template that is not pinned is only replaced`() throws {
        let plan = ImageFixPlan([
            try finding(
                "fine-7f955b76dd", in: "settled", cause: .pinnedDigest,
                image: "localhost:5051/web:1@\(digest)")
        ])
        #expect(plan.owners.map(\.replacement) == [.restart])
        #expect(plan.owners.first?.references == [])
    }

    @Test(arguments: [
        ("ondelete-0", "strategies"), ("dsondelete", "strategies"), ("partition-0", "strategies"),
        ("good", "pulling"),
    ]) func `what no rollout replaces is deleted`(pod: String, recording: String) throws {
        let plan = ImageFixPlan([try finding(pod, in: recording, cause: .cachedImage)])
        #expect(plan.owners.map(\.replacement) == [.deletion])
        #expect(plan.owners.first?.pods.count == 1)
    }

    @Test func `a pod that nothing would bring back is left, with what to do`() throws {
        var bare = try finding("fine-7f955b76dd", in: "settled", cause: .cachedImage)
        bare.owner = nil
        bare.judged.subject.owner = nil
        let plan = ImageFixPlan([bare])
        #expect(plan.owners.isEmpty)
        #expect(plan.cached.isEmpty)
        #expect(plan.left.map(\.reason).first?.contains("delete it and apply it anew") == true)
    }

    @Test func `a static pod is its node's, and left`() throws {
        var pod = try finding("fine-7f955b76dd", in: "settled", cause: .cachedImage)
        pod.owner = PodOwner(name: "node/worker")
        pod.judged.subject.owner = "node/worker"
        #expect(
            ImageFixPlan([pod]).left.map(\.reason)
                == ["its pod belongs to node/worker, which has to replace it"])
    }

    @Test func `an image of another registry is left to deploy`() throws {
        let plan = ImageFixPlan([
            try finding("fine-7f955b76dd", in: "settled", cause: .otherRegistry)
        ])
        #expect(plan.owners.isEmpty)
        #expect(plan.left.first?.reason.contains("devcluster deploy") == true)
    }

    @Test func `a rollout under way is waited for, not started again`() throws {
        let plan = ImageFixPlan([
            try finding("fine-6ddfdc67d6", in: "updating", cause: .oldTemplate)
        ])
        #expect(plan.owners.map(\.replacement) == [.rollout])
        #expect(plan.owners.first?.references == [])
    }

    @Test func `the tag that was deployed is put back where a workload names an earlier one`()
        throws
    {
        var found = try finding("fine-7f955b76dd", in: "settled", cause: .notDeployed)
        found.judged.deployed = "dev-2"
        let owner = try #require(ImageFixPlan([found]).owners.first)
        #expect(owner.replacement == .rollout)
        #expect(
            owner.references == [
                .init(container: "web", reference: "localhost:5051/hello:dev-2", restores: true)
            ])
    }

    @Test func `the image that was deployed is put back where a workload was given another`()
        throws
    {
        var found = try finding("fine-7f955b76dd", in: "settled", cause: .otherImage)
        found.judged.deployed = "localhost:5051/page:dev-2"
        let owner = try #require(ImageFixPlan([found]).owners.first)
        #expect(owner.replacement == .rollout)
        #expect(
            owner.references == [
                .init(container: "web", reference: "localhost:5051/page:dev-2", restores: true)
            ])
    }

    @Test func `a container that a webhook put into the pod is put there again by a restart`()
        throws
    {
        var found = try finding("fine-7f955b76dd", in: "settled", cause: .notDeployed)
        found.judged.deployed = "dev-2"
        found.judged.subject.container = "injected"
        let owner = try #require(ImageFixPlan([found]).owners.first)
        #expect(owner.replacement == .restart)
        #expect(owner.references == [])
    }

    @Test func `a pod whose own image was changed is replaced with the others of its workload`()
        throws
    {
        let plan = ImageFixPlan([
            try finding("fine-7f955b76dd", in: "settled", cause: .changedPod)
        ])
        #expect(plan.owners.map(\.replacement) == [.restart])
    }

    @Test
    func `a ReplicaSet by itself is given the tag that was deployed, and its pods are deleted`()
        throws
    {
        let objects = try Fixture.cluster("hand-changed")
        let parsed = try RolloutObjects(parsing: Data(objects.utf8))
        let found = try #require(parsed.pods.first { $0.metadata.name.hasPrefix("rs-") })
        let owner = PodOwners(parsed).owner(of: found)
        var judged = JudgedContainer(
            try #require(ContainerImage.all(of: found, owner: owner).first), .stale, nil)
        (judged.cause, judged.deployed) = (.notDeployed, "new")
        let plan = ImageFixPlan([VerificationFinding(judged: judged, owner: owner)])
        #expect(plan.owners.map(\.replacement) == [.deletion])
        let name = try #require(plan.owners.first?.name)
        let reference = try #require(WorkloadReference(owner: name))
        #expect(reference.kind == .replicaset)
        #expect(WorkloadReference(owner: "node/worker") == nil)
    }

    @Test func `pods of what never replaces them are deleted`() throws {
        let objects = try RolloutObjects(
            parsing: Data(try Fixture.cluster("hand-changed").utf8))
        for name in ["rs", "rc"] {
            let pod = try #require(objects.pods.first { $0.metadata.name.hasPrefix(name + "-") })
            let owner = PodOwners(objects).owner(of: pod)
            var judged = JudgedContainer(
                try #require(ContainerImage.all(of: pod, owner: owner).first), .stale, nil)
            judged.cause = .oldTemplate
            let plan = ImageFixPlan([VerificationFinding(judged: judged, owner: owner)])
            #expect(plan.owners.map(\.replacement) == [.deletion])
        }
    }

    @Test func `what matches is not touched`() throws {
        let plan = ImageFixPlan([try finding("fine-7f955b76dd", in: "settled", cause: nil)])
        #expect(plan.owners.isEmpty && plan.cached.isEmpty && plan.left.isEmpty)
    }
}

/// Which references leave which nodes. The registry is at the port that the node was recorded with.
struct StaleImageRemovalTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var registry = SampleRegistry()

    init() throws {
        sample = try SampleSession(registryPort: 5112)
        engine.install(sample.runner)
    }

    private func remove(_ reference: String) async throws -> ImageRemovalReport {
        sample.runner.expectCurl(registry)
        try sample.runner.expectContents("control-plane", times: nil)
        return try await StaleImageRemoval(session: sample.session).run([reference])
    }

    @Test func `only the stale tag leaves, only the node that holds it`() async throws {
        var pushedAgain = self
        try pushedAgain.registry.add("web", "1", "1")
        try sample.runner.expectContents("worker")
        sample.runner.expectRemoval("worker")
        let report = try await pushedAgain.remove("localhost:5112/web:1")
        // web:1b and other:1 are the same image, and its pod still runs: they stay.
        #expect(sample.runner.removals == ["worker": ["localhost:5112/web:1"]])
        #expect(report.references.map(\.node) == ["devcluster-demo-worker"])
    }

    @Test func `a node that has what the registry serves is left alone`() async throws {
        var serving = self
        try serving.registry.add("web", "1", "1")
        // The node's image under the recorded manifest's digest.
        try sample.runner.expectContents(
            "worker",
            replacing: [
                SampleNode.webDigest:
                    "sha256:094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80"
            ])
        #expect(try await serving.remove("localhost:5112/web:1").references.isEmpty)
        #expect(sample.runner.removals.isEmpty)
    }

    @Test func `a node that has the same content under another digest is left alone`()
        async throws
    {
        var serving = self
        try serving.registry.add("web", "1", "1")
        // The node's image with the recorded manifest's configuration.
        try sample.runner.expectContents(
            "worker",
            replacing: [
                SampleNode.web:
                    "sha256:893242900d4bde0e562474a4c694eae0cf6903f2414a377cd5fa1ef2c1db4a94"
            ])
        #expect(try await serving.remove("localhost:5112/web:1").references.isEmpty)
        #expect(sample.runner.removals.isEmpty)
    }

    @Test func `what the registry does not serve tells nothing, so nothing is removed`()
        async throws
    {
        try sample.runner.expectContents("worker")
        #expect(try await remove("localhost:5112/web:1").references.isEmpty)
    }
}
