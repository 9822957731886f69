import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Tools
@testable import Vocabulary

struct ApplyWavesTests: ApplySuite {
    let sample: SampleSession
    let time = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "demo"]) }

    private func definition() -> JSONValue {
        var crd = object("CustomResourceDefinition", "backups.hunt.example.com")
        crd["spec"] = ["group": "hunt.example.com", "names": ["kind": "Backup"]]
        return crd
    }

    private var backup: JSONValue {
        object("Backup", "nightly", apiVersion: "hunt.example.com/v1")
    }

    @Test func `what a definition defines is applied when the API serves it`() async throws {
        let name = "customresourcedefinition.apiextensions.k8s.io/backups.hunt.example.com"
        sample.runner.expectKubectl(["apply"], returning: .ok("\(name) created\n"))
        sample.runner.expectKubectl(["wait", "--for", "condition=Established"])
        sample.runner.expectKubectl(["apply"], returning: .ok("backup/nightly created\n"))
        _ = try await applier.apply([definition(), object("ConfigMap", "a"), backup])
        #expect(try applied == [["backups.hunt.example.com"], ["a", "nightly"]])
    }

    @Test func `an unchanged definition is not waited for, and one that nothing uses is no wave`()
        async throws
    {
        let name = "customresourcedefinition.apiextensions.k8s.io/backups.hunt.example.com"
        sample.runner.expectKubectl(["apply"], returning: .ok("\(name) unchanged\n"))
        sample.runner.expectKubectl(["apply"], times: 2) { _ in .ok() }
        _ = try await applier.apply([definition(), backup])
        _ = try await applier.apply([definition(), object("ConfigMap", "a")])
        #expect(
            try applied == [
                ["backups.hunt.example.com"], ["nightly"], ["backups.hunt.example.com", "a"],
            ])
    }

    @Test func `what a webhook of the set is asked about waits for the webhook's own pods`() {
        var hook = object("ValidatingWebhookConfiguration", "guard")
        hook["webhooks"] = [
            [
                "clientConfig": ["service": ["name": "guard", "namespace": "demo"]],
                "rules": [["apiGroups": ["hunt.example.com"], "resources": ["*"]]],
            ]
        ]
        var service = object("Service", "guard")
        service["spec"] = ["selector": ["app": "guard"]]
        var pods = object("Deployment", "operator")
        pods["spec"] = ["template": ["metadata": ["labels": ["app": "guard", "a": "b"]]]]
        let set = [service, object("Deployment", "web"), pods, hook, backup]
        let guards = ObjectGuards(set, namespace: "demo")
        let waves = ApplyWaves(set, guards: guards).waves
        #expect(
            waves.map { $0.map { ManifestObject($0).name } } == [
                ["guard", "web", "operator", "guard"], ["nightly"],
            ])
        #expect(guards.workloads(behind: waves[0]).isEmpty)
        #expect(
            guards.workloads(behind: waves[1]).mapValues { $0.map(\.description) } == [
                "demo": ["deployment/operator"]
            ])
        let other = object("Thing", "x", apiVersion: "other.example.com/v1")
        #expect(ApplyWaves([hook, other], guards: guards).waves.count == 1)
    }

    private let noMatch =
        "unable to recognize no matches for kind \"Backup\" in version \"hunt.example.com/v1\"\n"

    @Test func `a kind that is not served yet is tried again, alone, and that is said once`()
        async throws
    {
        sample.runner.expectKubectl(
            ["apply"], returning: .failure(1, stderr: noMatch, output: "configmap/a created\n"))
        sample.runner.expectKubectl(["apply"], returning: .failure(1, stderr: noMatch))
        sample.runner.expectKubectl(
            ["apply"], returning: .ok("backup.hunt.example.com/nightly created\n"))
        let lines = try await applier.apply([object("ConfigMap", "a"), backup]).lines
        #expect(
            lines == ["configmap/a created", "backup.hunt.example.com/nightly created"])
        #expect(try applied == [["a", "nightly"], ["nightly"], ["nightly"]])
        #expect(sample.activity.notes.count == 1)
        #expect(sample.activity.notes[0].contains("Backup/nightly: no matches for kind"))
    }

    @Test func `it is not tried for ever`() async throws {
        sample.runner.expectKubectl(
            ["apply"], returning: .failure(1, stderr: noMatch), times: nil)
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([backup])
        }
        #expect(
            error?.message.hasPrefix("the cluster refused, also after 15s, Backup/nightly: no")
                == true)
        #expect(error?.hint?.contains("add its CustomResourceDefinition") == true)
    }

    @Test func `a kind that this Kubernetes does not have is refused at once`() async throws {
        let words =
            "unable to recognize no matches for kind \"CronJob\" in version \"batch/v1\"\n"
        sample.runner.expectKubectl(["apply"], returning: .failure(1, stderr: words))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("CronJob", "nightly", apiVersion: "batch/v1")])
        }
        #expect(error?.hint?.contains("does not serve CronJob of batch/v1") == true)
    }

    @Test func `what an object is refused for by a webhook that is not up yet is tried again`()
        async throws
    {
        sample.runner.expectKubectl(
            ["apply"], returning: try recorded("webhook", output: "secret/g2 unchanged\n"))
        sample.runner.expectKubectl(["apply"])
        _ = try await applier.apply([
            object("ConfigMap", "g1"), object("ConfigMap", "fine4"), object("Secret", "g2"),
        ])
        #expect(try applied == [["g1", "fine4", "g2"], ["g1", "fine4"]])
        #expect(sample.activity.notes.first?.contains("and 1 object more") == true)
    }

    @Test func `what passes by itself is not tried when something else is wrong for good`()
        async throws
    {
        sample.runner.expectKubectl(["apply"], returning: try recorded("no-matches"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([
                backup, object("Service", "svc_9"),
                object("Other", "nightly2", apiVersion: "hunt.example.com/v2"),
                object("Service", "svc-"),
            ])
        }
        #expect(error?.message.hasPrefix("the cluster refused 4 objects:") == true)
        #expect(error?.message.contains("Other/nightly2: no matches for kind \"Other\"") == true)
        #expect(sample.activity.notes.isEmpty)
    }

    @Test func `a quota that is raised by the same deploy is waited for, another is not`()
        async throws
    {
        let objects = ["q1", "q2", "q3", "q4"].map { object("ConfigMap", $0) }
        let refused = try recorded("quota", output: "configmap/q1 created\n")
        sample.runner.expectKubectl(
            ["apply"],
            returning: try recorded(
                "quota", output: "resourcequota/q created\nconfigmap/q1 created\n"))
        sample.runner.expectKubectl(["apply"])
        _ = try await applier.apply([object("ResourceQuota", "q")] + objects)
        #expect(try applied.last == ["q2", "q3", "q4"])

        sample.runner.expectKubectl(["apply"], returning: refused)
        let error = await #expect(throws: DevClusterError.self) { try await applier.apply(objects) }
        #expect(error?.message.contains("exceeded quota: q") == true)
    }

    @Test func `a webhook that cannot be reached is an answer, also when it never comes up`()
        async throws
    {
        sample.runner.expectKubectl(
            ["apply"], returning: try recorded("webhook", output: "secret/g2 unchanged\n"))
        let again = try Fixture.apply("webhook")
        sample.runner.expectKubectl(["apply"], returning: .failure(1, stderr: again), times: nil)
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([
                object("ConfigMap", "g1"), object("ConfigMap", "fine4"), object("Secret", "g2"),
            ])
        }
        #expect(error?.message.contains("failed calling webhook") == true)
        #expect(error?.message.contains("applied: Secret/g2\n") == true)
        #expect(error?.message.contains("also after 5m") == true)
        #expect(error?.hint?.contains("webhook") == true)
    }
}
