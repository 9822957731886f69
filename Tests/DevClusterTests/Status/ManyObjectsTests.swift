import Foundation
import TestSupport
import Testing

@testable import Diagnosis
@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// Answers of the API as long as they get.
struct ManyObjectsTests {
    /// Pods that are not ready, each of a Deployment of its own or of none.
    private func list(_ count: Int, owned: Bool) -> Data {
        let items = (0..<count).map { number in
            let owner = #"[{"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": true,"#
            let deployment =
                #"[{"apiVersion": "apps/v1", "kind": "Deployment", "controller": true,"#
            let pod = """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p\(number)",
                 "namespace": "shop", "uid": "p\(number)"
                 \(owned ? #","ownerReferences": \#(owner) "name": "r", "uid": "r\#(number)"}]"# : "")},
                 "spec": {"nodeName": "n", "containers": [{"name": "web", "image": "web:1",
                  "ports": [{"hostPort": 80}]}]},
                 "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled",
                  "status": "False", "reason": "Unschedulable",
                  "message": "0/1 nodes are available: 1 node(s) didn't have free ports"}]}}
                """
            guard owned else { return pod }
            return """
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d\(number)",
                 "namespace": "shop", "uid": "d\(number)", "generation": 1},
                 "status": {"observedGeneration": 1}},
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "r\(number)",
                 "namespace": "shop", "uid": "r\(number)",
                 "ownerReferences": \(deployment) "name": "d\(number)", "uid": "d\(number)"}]}},
                \(pod)
                """
        }
        return Data(#"{"kind": "List", "items": [\#(items.joined(separator: ","))]}"#.utf8)
    }

    @Test(arguments: [true, false])
    func `ten thousand that are not well are counted in the time of one after the other`(
        owned: Bool
    ) throws {
        let objects = try StatusObjects(parsing: list(10_000, owned: owned)).rollout
        #expect(objects.pods.count == 10_000)
        var found: [ComponentStatus] = []
        // Each with all others, it takes minutes.
        let time = processorTime {
            found = ComponentCount(objects: objects, annotation: nil, home: "shop").components()
        }
        #expect(time < .seconds(60))
        #expect(found.count == 10_000)
        #expect(found.allSatisfy { $0.problems.count == 1 && $0.restarts == 0 })
    }

    @Test func `an index follows what is changed afterwards`() throws {
        var objects = try RolloutObjects(parsing: list(2, owned: true))
        let workload = try #require(objects.workload(try WorkloadReference("deployment/d1")))
        #expect(objects.pods(of: workload).map(\.metadata.name) == ["p1"])
        let copy = objects
        objects.pods.removeLast()
        #expect(objects.pods(of: workload).isEmpty)
        #expect(copy.pods(of: workload).count == 1)
        objects.add(copy)
        #expect(objects.pods(of: workload).count == 1)
    }

    @Test(arguments: [
        "[]", "{}", #"{"items": null}"#, #"{"items": {}}"#, #"{"items": [] "a": 1}"#,
        #"{"items": [], "items": []}"#, #"{"items": []} x"#, #"{"items": [1]}"#, "",
        "{\"items\": [",
    ]) func `what is no list is an error`(text: String) {
        #expect(throws: (any Error).self) { try RolloutObjects(parsing: Data(text.utf8)) }
    }
}
