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
}
