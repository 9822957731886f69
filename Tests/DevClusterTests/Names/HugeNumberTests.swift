import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Diagnosis
@testable import Forwards
@testable import Registries
@testable import StateFiles
@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// Numbers that no tool prints in good health, at every place where one enters.
struct HugeNumberTests {
    private static let most = Int.max

    private func decoded<Value: Decodable>(_ text: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private func digest(_ letter: Character) throws -> Digest {
        try Digest("sha256:" + String(repeating: letter, count: 64))
    }

    @Test func `layers of any size can be added up`() throws {
        let size = "\(HugeNumberTests.most)"
        let manifest = try decoded(
            """
            {"config": {"digest": "\(digest("a"))", "size": \(size)},
             "layers": [{"digest": "\(digest("b"))", "size": \(size)},
                        {"digest": "\(digest("c"))", "size": -\(size)},
                        {"digest": "\(digest("d"))", "size": 1e300}]}
            """, as: ManifestDocument.self)
        let contents = RegistryContents(documents: [try digest("e"): manifest])
        #expect(contents.bytes(of: [try digest("e")]).value > 0)
    }

    @Test func `blobs on a registry's disk can be added up`() throws {
        let lines = try ["a", "b", "c"].map { letter in
            let hex = try digest(Character(letter)).hex
            return "9223372036854775807 blobs/sha256/\(letter)\(letter)/\(hex)/data"
        }
        let disk = RegistryDisk(listing: "--\n--\n" + lines.joined(separator: "\n"))
        let plan = PrunePlan(RegistryContents(), disk: disk, uses: ImageUses(), retention: 1)
        #expect(disk.blobs.count == 3)
        #expect(plan.bytes == BoundedInteger(Int.max))
    }

    @Test(arguments: ["999999999999TB", "9223372036854775807B", "1e5GB", "1.7.8MB", ".", "∞ GB"])
    func `sizes of an engine's images can be added up`(text: String) {
        let size = HumanSize.bytes(text)
        #expect(Array(repeating: size, count: 100).sum() >= size)
    }

    @Test func `pods and replicas of any number can be counted`() throws {
        let objects = try RolloutObjects(
            parsing: Data(
                """
                {"items": [
                  {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "uid": "1",
                    "generation": 9223372036854775807, "annotations": {"c": "x"}},
                   "spec": {"replicas": 9223372036854775807},
                   "status": {"observedGeneration": 9223372036854775807,
                     "replicas": 9223372036854775807, "updatedReplicas": -9223372036854775808}},
                  {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "b", "uid": "2",
                    "annotations": {"c": "x"}},
                   "spec": {"replicas": 9223372036854775807, "updateStrategy": {"type": "OnDelete",
                     "rollingUpdate": {"partition": -9223372036854775808}}},
                   "status": {"updatedReplicas": -9223372036854775808, "currentRevision": "1",
                     "updateRevision": "2"}},
                  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"c": "x"}},
                   "spec": {"containers": []},
                   "status": {"containerStatuses": [
                     {"name": "x", "image": "", "imageID": "", "restartCount": 9223372036854775807},
                     {"name": "y", "image": "", "imageID": "", "restartCount": 9223372036854775807}
                   ]}}
                ]}
                """.utf8))
        let counted = ComponentCount(objects: objects, annotation: "c").components()
        #expect(counted.map(\.desired) == [BoundedInteger(Int.max)])
        #expect(counted.map(\.restarts) == [BoundedInteger(Int.max)])
        #expect(objects.workloads.allSatisfy { RolloutState.judge($0) != .complete("") })
    }

    @Test func `a probe may allow any time`() throws {
        let pod = try decoded(
            """
            {"metadata": {"name": "p"},
             "spec": {"containers": [{"name": "c", "image": "i", "startupProbe":
               {"initialDelaySeconds": 9223372036854775807, "periodSeconds": 9223372036854775807,
                "failureThreshold": 9223372036854775807}}]},
             "status": {"phase": "Running", "containerStatuses": [{"name": "c", "image": "i",
               "imageID": "", "ready": false, "started": false, "restartCount": 0,
               "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
            """, as: KubernetesPod.self)
        let events = try decoded(
            """
            [{"metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "name": "p",
              "fieldPath": "spec.containers{c}"}, "reason": "Unhealthy",
              "message": "Startup probe failed: no", "count": 9223372036854775807}]
            """, as: [KubernetesEvent].self)
        let problem = try #require(RolloutProblem.find(in: pod, events: events))
        guard case .probe(.startup) = problem.kind else {
            Issue.record("not the startup probe: \(problem)")
            return
        }
        #expect(!RolloutPatience(problem).isOver(after: .seconds(3600)))
    }

    @Test func `what a namespace still holds can be counted`() throws {
        let message =
            "Some resources are remaining: pods. has 9223372036854775807 resource instances,"
            + " jobs.batch has 99999999999999999999 resource instances"
        let content = NamespaceContent(status: [
            "conditions": [
                [
                    "type": "NamespaceContentRemaining", "status": "True",
                    "message": .string(message),
                ]
            ]
        ])
        #expect(content.count == BoundedInteger(Int.max))
        #expect(content.summary.contains("pods"))
    }

    @Test func `the counters of a ledger go on from any number`() throws {
        let folder = try TemporaryFolder()
        let file = StoredFile<ForwardRecord>(path: folder.file("a.json"))
        var record = ForwardRecord(
            ForwardSpec(
                name: "a", namespace: "n", target: "svc/a", address: "127.0.0.1", port: 1,
                targetPort: "1", probe: nil, origin: .configured, id: "1"), context: "kind-a")
        record.bytesSent = 12345
        try file.write(record)
        let text = try String(contentsOfFile: folder.file("a.json"), encoding: .utf8)
        try folder.write(
            text.replacing("12345", with: "9223372036854775807"), to: "a.json")
        var read = try #require(try file.read())
        read.bytesSent.add(1)
        #expect(read.bytesSent == BoundedInteger(Int.max))
    }

    @Test(arguments: [
        "-9223372036854775808", "9223372036854775807", "1e300", "nan", "inf", "-inf", "1.5",
    ]) func `a number of JSON that is read for its own sake is bounded`(text: String) throws {
        guard let value = try? JSONValue(parsing: "[\(text)]")[0] else { return }
        #expect(value.integer.map { BoundedInteger.range.contains($0.value) } ?? true)
    }

    @Test func `the digits of a number in a document are all kept`() throws {
        #expect(try JSONValue(parsing: "18446744073709551615").digits == "18446744073709551615")
        #expect(try JSONValue(parsing: "-9223372036854775808").digits == "-9223372036854775808")
    }
}
