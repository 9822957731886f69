import TestSupport
import Testing

@testable import Deployment
@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct LeftWorkloadsTests {
    private let sample: SampleSession

    init() throws {
        sample = try SampleSession(["namespace": "shop", "images": [["name": "web"]]])
    }

    private func deployment(
        _ name: String, image: String = "localhost:5051/web:dev-1", configuration: String = "shop",
        more: [String: JSONValue] = [:]
    ) -> JSONValue {
        let metadata: [String: JSONValue] = [
            "name": .string(name), "namespace": "shop",
            "labels": [
                "devcluster.dev/project": "devcluster-demo",
                "devcluster.dev/namespace": .string(configuration),
            ],
        ]
        return [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": .object(metadata.merging(more) { $1 }),
            "spec": [
                "template": ["spec": ["containers": [["name": "main", "image": .string(image)]]]]
            ],
        ]
    }

    private func notes(_ live: [JSONValue]) -> [String] {
        LeftWorkloads(session: sample.session).tell(live: live, beside: [deployment("new")])
        return sample.activity.notes
    }

    @Test func `a workload that has left the manifests is told, with how to delete it`() {
        #expect(
            notes([deployment("new"), deployment("old")]) == [
                "Deployment/old in namespace shop is not in the manifests any more, and stays;"
                    + " delete it with: kubectl --context kind-devcluster-demo --namespace shop"
                    + " delete deployments.apps old"
            ])
    }

    @Test func `what is of another configuration, of an owner, a hook, or of others is none`() {
        #expect(
            notes([
                deployment("theirs", configuration: "other"),
                deployment("mono", image: "localhost:5051/other:1"),
                deployment("owned", more: ["ownerReferences": [["kind": "Site", "name": "a"]]]),
                deployment("hook", more: ["annotations": ["helm.sh/hook": "pre-install"]]),
                deployment("foreign", more: ["labels": [:]]),
                deployment("going", more: ["deletionTimestamp": "2026-11-26T17:00:00Z"]),
            ]).isEmpty)
    }

    @Test(arguments: [
        ("ReplicaSet", "replicasets.apps"), ("ReplicationController", "replicationcontrollers"),
    ]) func `what never replaces its pods is told like any other`(kind: String, resource: String) {
        var set = deployment("old")
        set["apiVersion"] = .apiVersion(of: kind)
        set["kind"] = .string(kind)
        #expect(notes([set]).count == 1)
        #expect(notes([set])[0].hasSuffix(" --namespace shop delete \(resource) old"))
    }

    @Test func `a pod by itself is told, too`() {
        var pod = deployment("old")
        pod["apiVersion"] = "v1"
        pod["kind"] = "Pod"
        pod["spec"] = ["containers": [["name": "main", "image": "localhost:5051/web:dev-1"]]]
        #expect(notes([pod]).map { $0.hasSuffix(" --namespace shop delete pods old") } == [true])
    }

    @Test func `what was deployed is looked for by its labels, in every namespace`() async throws {
        let labels =
            "devcluster.dev/managed=true,devcluster.dev/project=devcluster-demo,"
            + "devcluster.dev/namespace=shop"
        let list: JSONValue = ["items": [deployment("old")]]
        for place in ["jobs", "shop"] {
            sample.runner.expectKubectl(
                [
                    "get",
                    "deployments.apps,statefulsets.apps,daemonsets.apps,jobs.batch,cronjobs.batch,"
                        + "replicasets.apps,replicationcontrollers,pods", "--selector", labels,
                ],
                returning: place == "jobs"
                    ? .failure(1, stderr: "Error from server (Forbidden): pods is forbidden\n")
                    : .ok(try list.encoded()), namespace: place)
        }
        let found = try await LeftWorkloads(session: sample.session).read(in: ["shop", "jobs"])
        #expect(found.map { ManifestObject($0).description } == ["Deployment/old"])
    }
}
