import ChildProcess
import Foundation
import Testing

@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// Objects whose kinds are called as Kubernetes' own, and are of other groups.
struct OtherGroupsTests {
    private func objects(_ items: String...) throws -> RolloutObjects {
        try RolloutObjects(parsing: Data(#"{"items": [\#(items.joined(separator: ","))]}"#.utf8))
    }

    private func pod(owner apiVersion: String, _ kind: String) -> String {
        """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "train-0", "namespace": "shop",
         "labels": {"pod-template-hash": "0"},
         "ownerReferences": [{"apiVersion": "\(apiVersion)", "kind": "\(kind)", "name": "train-0",
          "uid": "1", "controller": true}]},
         "spec": {"containers": [{"name": "main", "image": "web"}]},
         "status": {"containerStatuses": [{"name": "main", "image": "web", "imageID": "",
          "state": {"terminated": {"exitCode": 3}}}]}}
        """
    }

    @Test(arguments: ["Job", "StatefulSet", "Deployment", "ReplicaSet", "Pod", "Namespace", "Node"])
    func `what has the name of a kind is not read as one`(kind: String) throws {
        let other =
            #"{"apiVersion": "x.example.com/v1", "kind": "\#(kind)", "metadata": {"name": "train"},"#
            + #" "spec": {"replicas": "many"}, "status": {"phase": "Terminating"}}"#
        let objects = try objects(other)
        #expect(objects.workloads.isEmpty && objects.pods.isEmpty && objects.nodes.isEmpty)
        #expect(objects.endingNamespaces.isEmpty)
    }

    @Test func `a pod's owner of another group is named with it, and is no Job`() throws {
        let job = #"{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "train-0"}}"#
        let objects = try objects(job, pod(owner: "batch.example.com/v1", "Job"))
        let owner = try #require(PodOwners(objects).owner(of: objects.pods[0]))
        #expect(owner.name == "job.batch.example.com/train-0")
        #expect(owner.workload == nil)
        guard case .crash(let crash)? = RolloutProblem.find(in: objects.pods[0])?.kind else {
            Issue.record("it ended")
            return
        }
        #expect(!crash.isOfJob)
    }

    @Test func `a ReplicaSet of another group leads to no Deployment`() throws {
        let objects = try objects(pod(owner: "apps.example.com/v1", "ReplicaSet"))
        let owner = try #require(PodOwners(objects).owner(of: objects.pods[0]))
        #expect(owner.name == "replicaset.apps.example.com/train-0")
        #expect(owner.replicaSet == nil)
    }

    @Test(arguments: [
        (BuiltInKind.deployment, "deployments.apps"), (.job, "jobs.batch"), (.pod, "pods"),
        (.networkPolicy, "networkpolicies.networking.k8s.io"),
        (.ingress, "ingresses.networking.k8s.io"), (.storageClass, "storageclasses.storage.k8s.io"),
    ])
    func `kubectl is asked for the kind of the right group`(kind: BuiltInKind, resource: String) {
        #expect(kind.resource == resource)
    }

    @Test func `a claim or namespace of another group holds no data to ask about`() throws {
        let sample = try SampleSession()
        let deletion = ObjectDeletion(
            session: sample.session, namespace: "shop",
            objects: ["Namespace", "PersistentVolumeClaim"].map {
                ["apiVersion": "x.example.com/v1", "kind": .string($0), "metadata": ["name": "a"]]
            })
        #expect(deletion.precious.isEmpty)
    }
}
