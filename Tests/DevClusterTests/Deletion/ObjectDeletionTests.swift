import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary
@testable import Workloads

struct ObjectDeletionTests {
    private let sample: SampleSession
    private let clock = ManualClock()

    init() throws {
        sample = try SampleSession(["namespace": "shop"])
        try sample.remember()
    }

    private static let held: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "held"],
    ]
    private static let claim: JSONValue = [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": ["name": "data"],
    ]

    private func deletion(_ objects: [JSONValue], strips: Bool = false) -> ObjectDeletion {
        var deletion = ObjectDeletion(
            session: sample.session, namespace: "shop", objects: objects, stripsFinalizers: strips)
        deletion.patience = .zero
        deletion.clock = clock.clock
        return deletion
    }

    private func expectRead(_ text: String, times: Int? = 1) {
        sample.runner.expectKubectl(
            ["get", "ConfigMap.v1."], returning: .ok(text), times: times, namespace: "shop")
    }

    private static let none = #"{"apiVersion":"v1","items":[],"kind":"List"}"#

    @Test func `what is there is deleted in the foreground and awaited`() async throws {
        expectRead(try Fixture.cluster("remaining"))
        sample.runner.expectKubectl([
            "delete", "--filename", "-", "--cascade=foreground", "--wait=false",
        ])
        expectRead(try Fixture.cluster("remaining"))
        expectRead(Self.none)
        let report = try await deletion([Self.held]).run()
        #expect(report.deleted == ["configmap/held"])
        #expect(report.absent.isEmpty)
    }

    @Test func `each time some of them are gone, the rest is told`() async throws {
        let pod: JSONValue = ["apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"]]
        let all = try JSONValue(parsing: Data(try Fixture.cluster("remaining").utf8))
        let rest = (all["items"]?.array ?? []).filter { $0["kind"]?.string == "Pod" }
        for items in [all["items"] ?? .null, .array(rest), []] {
            let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": items]
            sample.runner.expectKubectl(
                ["get"], returning: .ok(String(decoding: try list.encoded(), as: UTF8.self)))
        }
        sample.runner.expectKubectl(["delete"])
        let report = try await deletion([pod, Self.held]).run()
        #expect(report.deleted.sorted() == ["configmap/held", "pod/p"])
        #expect(sample.activity.notes == ["1 object left: pod/p"])
    }

    @Test func `a hook that no deploy runs is left, and one that it runs goes with the rest`()
        async throws
    {
        func hook(_ name: String, _ events: String) -> JSONValue {
            [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(name), "annotations": ["helm.sh/hook": .string(events)],
                ],
            ]
        }
        expectRead(Self.none)
        let report = try await deletion([
            Self.held, hook("migrate", "pre-upgrade,pre-install"), hook("wipe", "pre-delete"),
            hook("check", "test"),
        ]).run()
        #expect(report.absent.sorted() == ["configmap/held", "configmap/migrate"])
        #expect(
            sample.activity.notes == [
                "hooks of Helm that a deploy does not run are left: ConfigMap/wipe (pre-delete),"
                    + " ConfigMap/check (test)"
            ])
    }

    @Test func `what has its names from the API server is left, and the rest goes`() async throws {
        expectRead(Self.none)
        let report = try await deletion([
            Self.held,
            [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["generateName": "seed-"],
            ],
        ]).run()
        #expect(report.absent == ["configmap/held"])
        #expect(
            sample.activity.notes == [
                "what deploys made of ConfigMap/seed-… is left: the API server chose the names"
            ])
    }

    @Test func `what is not there is said, and nothing is deleted`() async throws {
        expectRead(Self.none)
        let report = try await deletion([Self.held]).run()
        #expect(report.absent == ["configmap/held"])
        #expect(report.deleted.isEmpty)
    }

    @Test(arguments: ["/", "//", "/v1", "v1/", "", "apps/v1/x"])
    func `a version of the API that is none means nothing that is there`(version: String)
        async throws
    {
        sample.runner.expect("kubectl", returning: .ok(Self.none), times: nil)
        let report = try await deletion([
            [
                "apiVersion": .string(version), "kind": "ConfigMap", "metadata": ["name": "held"],
            ]
        ]).run()
        #expect(report.deleted.isEmpty)
    }

    @Test(arguments: ["/", "//", "/v1", "apps/"])
    func `a version that the API says and that is none takes nothing for gone`(
        version: String
    ) async throws {
        let text = try Fixture.cluster("remaining")
            .replacing("\"apiVersion\": \"v1\"", with: "\"apiVersion\": \"\(version)\"")
        sample.runner.expect("kubectl", returning: .ok(text), times: nil)
        await #expect(throws: (any Error).self) { try await deletion([Self.held]).run() }
    }

    @Test func `one made anew meanwhile is left alone`() async throws {
        let text = try Fixture.cluster("remaining")
        expectRead(text)
        sample.runner.expectKubectl(["delete"])
        let items = try KubernetesList<RemainingObject>(
            parsing: Data(text.utf8)
        ).items
        let uid = try #require(items.first { $0.metadata.name == "held" }).metadata.uid
        expectRead(text.replacing(uid, with: "another"))
        #expect(try await deletion([Self.held]).run().deleted == ["configmap/held"])
    }

    @Test func `the deadline names what keeps it`() async throws {
        let sample = try SampleSession(["timeouts": ["delete": "20m"], "namespace": "shop"])
        try sample.remember()
        sample.runner.expectKubectl(
            ["get", "ConfigMap.v1."], returning: .ok(try Fixture.cluster("remaining")), times: nil)
        sample.runner.expectKubectl(["delete"])
        var deletion = ObjectDeletion(
            session: sample.session, namespace: "shop", objects: [Self.held])
        deletion.clock = clock.clock
        let error = await #expect(throws: DevClusterError.self) { try await deletion.run() }
        #expect(error?.code == .deadline)
        #expect(
            error?.message
                == "not gone after 20m: 1 object is stuck: configmap/held is kept by the finalizer "
                + "example.com/hold")
        #expect(error?.hint?.contains("--namespace shop get configmap/held -o yaml") == true)
        #expect(clock.elapsed == .seconds(1200), "not later")
    }

    @Test func `what a finalizer kept is looked at soon after it was taken out`() async throws {
        let items = try JSONValue(parsing: Data(try Fixture.cluster("remaining").utf8))["items"]
        let held = (items?.array ?? []).filter { $0["kind"]?.string == "ConfigMap" }
        let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(held)]
        let text = String(decoding: try list.encoded(), as: UTF8.self)
        expectRead(text, times: 6)
        sample.runner.expectKubectl(["delete"])
        sample.runner.expectKubectl(["patch", "ConfigMap.v1./held"])
        expectRead(Self.none)
        var deletion = deletion([Self.held], strips: true)
        deletion.patience = .seconds(15)
        let report = try await deletion.run()
        #expect(report.stripped == ["configmap/held: example.com/hold"])
        // Looked at after 0, 1, 3, 7 and 15 s, and then 1 s later.
        #expect(clock.elapsed == .seconds(16))
    }

    @Test func `a read that fails is no information`() async throws {
        expectRead(try Fixture.cluster("remaining"))
        sample.runner.expectKubectl(["delete"])
        sample.runner.expectKubectl(
            ["get", "ConfigMap.v1."], returning: .failure(1, stderr: "error: EOF\n"))
        expectRead(Self.none)
        #expect(try await deletion([Self.held]).run().deleted == ["configmap/held"])
        #expect(
            sample.activity.warnings.contains("reading 1 object failed (1 in a row): error: EOF"))
    }

    @Test func `what others live in goes last, and what a definition takes along is not named`() {
        let definition: JSONValue = [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "things.example.com"],
            "spec": ["group": "example.com", "names": ["kind": "Thing"]],
        ]
        let objects: [JSONValue] = [
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "other"]],
            definition,
            ["apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": "a"]],
            Self.held, Self.claim,
        ]
        let deletion = deletion(objects)
        #expect(
            deletion.objects.map { $0["kind"]?.string } == [
                "PersistentVolumeClaim", "ConfigMap", "CustomResourceDefinition", "Namespace",
            ])
        #expect(
            deletion.precious == [
                "PersistentVolumeClaim/data", "CustomResourceDefinition/things.example.com",
                "Namespace/other",
            ])
    }
}
