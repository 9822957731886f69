import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Vocabulary
@testable import Workloads

struct HelmHookTests {
    private let sample: SampleSession
    private let clock = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "demo"]) }

    private func object(
        _ kind: String, _ name: String, hook: String? = nil, weight: String? = nil,
        policy: String? = nil
    ) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": .apiVersion(of: kind), "kind": .string(kind),
            "metadata": ["name": .string(name)],
        ]
        var annotations: [String: JSONValue] = [:]
        annotations["helm.sh/hook"] = hook.map { .string($0) }
        annotations["helm.sh/hook-weight"] = weight.map { .string($0) }
        annotations["helm.sh/hook-delete-policy"] = policy.map { .string($0) }
        if !annotations.isEmpty { object["metadata"]?["annotations"] = .object(annotations) }
        return object
    }

    private func hooks(_ objects: [JSONValue]) -> [HelmHook] { objects.compactMap(HelmHook.init) }

    private var runner: HookRunner {
        HookRunner(session: sample.session, namespace: "demo", clock: clock.clock)
    }

    @Test func `hooks run by weight, then kind, then name`() {
        let hooks = hooks([
            object("Job", "b", hook: "pre-install"), object("Job", "a", hook: "pre-install"),
            object("Job", "last", hook: "pre-install", weight: "10"),
            object("ServiceAccount", "z", hook: "pre-install,pre-upgrade"),
            object("Job", "first", hook: "pre-install", weight: "-5"),
            object("Job", "other", hook: "post-install"),
        ])
        #expect(
            HelmHook.running(at: .preInstall, of: hooks).map(\.name) == [
                "Job/first", "ServiceAccount/z", "Job/a", "Job/b", "Job/last",
            ])
    }

    @Test func `a definition that Helm 2 installed by a hook is applied like any other`() {
        #expect(HelmHook(object("CustomResourceDefinition", "x", hook: "crd-install")) == nil)
    }

    @Test func `hooks that no deploy runs are left out, and named once`() async throws {
        let helm = HelmHooks(session: sample.session, namespace: "demo")
        let manifests = [
            object("Deployment", "web"), object("Pod", "check", hook: "test"),
            object("Job", "wipe", hook: "pre-delete,post-delete"),
            object("Job", "back", hook: "pre-rollback"),
            object("Job", "migrate", hook: "pre-install, pre-upgrade"),
        ]
        let choice = try await helm.choose(manifests, live: [], isRollback: false)
        helm.tell(choice.idle)
        #expect(
            choice.objects.map { ManifestObject($0).description } == [
                "Deployment/web", "Job/migrate",
            ])
        #expect(
            sample.activity.notes == [
                "hooks of Helm that a deploy does not run: Pod/check (test), Job/wipe (pre-delete,"
                    + " post-delete), Job/back (pre-rollback)"
            ])
    }

    @Test func `manifests without hooks cost nothing`() async throws {
        let helm = HelmHooks(session: sample.session, namespace: "demo")
        let choice = try await helm.choose(
            [object("ConfigMap", "a")], live: [], isRollback: false)
        helm.tell(choice.idle)
        #expect(choice.objects.count == 1)
        #expect(sample.runner.calls.isEmpty)
        #expect(sample.activity.notes.isEmpty)
    }

    private func choice(live: [JSONValue], isRollback: Bool = false) async throws -> [String] {
        try await HelmHooks(session: sample.session, namespace: "demo").choose(
            [
                object("Deployment", "web"), object("Job", "seed", hook: "post-install"),
                object("Job", "move", hook: "pre-upgrade"),
                object("Job", "back", hook: "pre-rollback"),
            ], live: live, isRollback: isRollback
        ).objects.map { ManifestObject($0).name }
    }

    @Test func `install hooks run on the first deploy, upgrade hooks on the next`() async throws {
        var ours = object("Deployment", "web")
        ours["metadata"]?["labels"] = ["devcluster.dev/project": "devcluster-demo"]
        #expect(try await choice(live: []) == ["web", "seed"])
        #expect(try await choice(live: [object("Deployment", "web")]) == ["web", "seed"])
        #expect(try await choice(live: [ours]) == ["web", "move"])
        #expect(try await choice(live: [ours], isRollback: true) == ["web", "back"])
    }

    private func record(_ error: String?) async throws {
        try await sample.session.records.append([
            DeployRecord(
                time: Date(timeIntervalSince1970: 1_800_000_000), seconds: 1, namespace: "demo",
                images: [], exitCode: error == nil ? 0 : 1, error: error, steps: [])
        ])
    }

    @Test func `a first deploy that failed is still the first`() async throws {
        var ours = object("Deployment", "web")
        ours["metadata"]?["labels"] = ["devcluster.dev/project": "devcluster-demo"]
        try await record("the post-install hook failed")
        #expect(try await choice(live: [ours]) == ["web", "seed"])
        try await record(nil)
        try await record("something else")
        #expect(try await choice(live: [ours]) == ["web", "move"])
    }

    @Test func `without workloads the cluster is asked whether the set is there`() async throws {
        let helm = HelmHooks(session: sample.session, namespace: "demo")
        let manifests = [
            object("ConfigMap", "a"), object("Job", "seed", hook: "post-install"),
            object("Job", "move", hook: "pre-upgrade"),
        ]
        let get = ["get", "--filename", "-", "--ignore-not-found"]
        sample.runner.expectKubectl(get, returning: .ok(""))
        let first = try await helm.choose(manifests, live: [], isRollback: false)
        #expect(first.objects.map { ManifestObject($0).name } == ["a", "seed"])
        var there = object("ConfigMap", "a")
        there["metadata"]?["labels"] = ["devcluster.dev/project": "devcluster-demo"]
        sample.runner.expectKubectl(get, returning: .ok(try there.encoded()))
        let second = try await helm.choose(manifests, live: [], isRollback: false)
        #expect(second.objects.map { ManifestObject($0).name } == ["a", "move"])
    }

    @Test func `a hook of before is deleted first, unless its policy keeps it`() async throws {
        sample.runner.expectKubectl(
            ["delete", "configmaps", "a", "--ignore-not-found", "--wait=true"], namespace: "demo")
        sample.runner.expectKubectl(["create"], returning: .ok("configmap/a created\n"))
        sample.runner.expectKubectl(["create"], returning: .ok("configmap/b created\n"))
        sample.runner.expectKubectl(["delete", "configmaps", "b"])
        try await runner.run(
            hooks([
                object("ConfigMap", "a", hook: "pre-install"),
                object("ConfigMap", "b", hook: "pre-install", policy: "hook-succeeded"),
            ]), at: .preInstall, left: "")
        #expect(
            sample.runner.kubectlCalls.map { $0.prefix(6) } == [
                "delete", "create", "create", "delete",
            ])
    }

    @Test func `a hook that the API server named is deleted by that name`() async throws {
        sample.runner.expectKubectl(["create"], returning: .ok("configmap/seed-x7f2k created\n"))
        sample.runner.expectKubectl(["delete", "configmaps", "seed-x7f2k"], namespace: "demo")
        var seed = object("ConfigMap", "", hook: "pre-install", policy: "hook-succeeded")
        var metadata = seed["metadata"]?.object ?? [:]
        metadata["name"] = nil
        metadata["generateName"] = "seed-"
        seed["metadata"] = .object(metadata)
        try await runner.run(hooks([seed]), at: .preInstall, left: "")
        #expect(sample.runner.kubectlCalls.map { $0.prefix(6) } == ["create", "delete"])
    }

    /// The pod of a hook as kubectl lists it, of which only what matters here was kept.
    private func expectPod(_ status: JSONValue, times: Int? = 1) throws {
        let pod: JSONValue = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "check", "namespace": "demo", "uid": "1"],
            "spec": ["containers": [["name": "main", "image": "busybox:1"]]], "status": status,
        ]
        let list = Outcome.ok(try (["items": [pod]] as JSONValue).encoded())
        // With nodes and namespaces, or without.
        sample.runner.expect(
            where: { call in
                call.arguments.contains { $0.hasPrefix("pods") } && call.arguments.contains("get")
            },
            named: "get pods", times: times
        ) { _ in list }
        sample.runner.expectKubectl(
            ["get", "events"], returning: .ok(#"{"items": []}"#), times: nil)
    }

    private func container(_ state: JSONValue) -> JSONValue {
        [["name": "main", "image": "busybox:1", "imageID": "", "state": state]]
    }

    @Test func `a Pod that is a hook runs to its end, and is not done when it is ready`()
        async throws
    {
        sample.runner.expectKubectl(["delete", "pods", "check"])
        sample.runner.expectKubectl(["create"], returning: .ok("pod/check created\n"))
        try expectPod(["phase": "Pending"])
        try expectPod(
            ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]], times: 40)
        try expectPod(["phase": "Succeeded"])
        try await runner.run(
            hooks([object("Pod", "check", hook: "post-upgrade")]), at: .postUpgrade, left: "")
        #expect(clock.elapsed > .seconds(7))
    }

    @Test func `a hook that fails ends the deploy with its reason and its last lines`()
        async throws
    {
        sample.runner.expectKubectl(["create"], returning: .ok("pod/check created\n"))
        try expectPod(
            [
                "phase": "Failed",
                "containerStatuses": container(["terminated": ["exitCode": 3, "reason": "Error"]]),
            ], times: nil)
        sample.runner.expectKubectl(
            ["logs", "pod/check", "--tail", "5", "--container", "main"],
            returning: .ok("no such table: orders\n"))
        sample.runner.expectKubectl(["delete", "pods", "check"])
        let error = await #expect(throws: DevClusterError.self) {
            try await runner.run(
                hooks([
                    object("Pod", "check", hook: "pre-upgrade", policy: "hook-failed"),
                    object("Pod", "later", hook: "pre-upgrade", weight: "1"),
                ]), at: .preUpgrade, left: "nothing else was applied")
        }
        #expect(
            error?.message == """
                the pre-upgrade hook failed: pod/check: container main ended with exit code 3
                  | pod/check, container main: Error: it ended with exit code 3
                  | no such table: orders
                  | nothing else was applied
                """)
        #expect(error?.code == .failed)
        #expect(error?.hint?.contains(" logs check --container main'") == true, "it ended once")
    }

    @Test func `a hook whose image cannot be had is not waited for until the deadline`()
        async throws
    {
        sample.runner.expectKubectl(["delete", "pods", "check"])
        sample.runner.expectKubectl(["create"], returning: .ok("pod/check created\n"))
        let refused: JSONValue = [
            "reason": "ErrImagePull",
            "message": "rpc error: code = NotFound desc = failed to pull and unpack image",
        ]
        try expectPod(
            ["phase": "Pending", "containerStatuses": container(["waiting": refused])], times: nil)
        let error = await #expect(throws: DevClusterError.self) {
            try await runner.run(
                hooks([object("Pod", "check", hook: "pre-install")]), at: .preInstall, left: "")
        }
        #expect(error?.message.contains("pod/check, container main: ErrImagePull") == true)
        #expect(clock.elapsed < .seconds(3))
    }

    @Test func `a hook that hangs says how to look at it, and how to end it`() async throws {
        sample.runner.expectKubectl(["delete", "pods", "check"])
        sample.runner.expectKubectl(["create"], returning: .ok("pod/check created\n"))
        try expectPod(
            ["phase": "Running", "containerStatuses": container(["running": [:]])], times: nil)
        sample.runner.expectKubectl(["logs", "pod/check"], returning: .ok("waits for db\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await runner.run(
                hooks([object("Pod", "check", hook: "pre-install")]), at: .preInstall, left: "")
        }
        #expect(error?.code == .deadline)
        #expect(error?.message.contains("  | waits for db\n") == true)
        let kubectl = "kubectl --context kind-devcluster-demo --namespace demo"
        #expect(
            error?.hint?.hasPrefix(
                "it runs on: '\(kubectl) logs --follow pods/check' shows what it does,"
                    + " '\(kubectl) delete pods check' ends it; ") == true)
    }

    @Test func `hooks before come before everything but definitions`() async throws {
        let plan = try ManifestPlan(
            [
                object("ConfigMap", "a"), object("ConfigMap", "hook", hook: "pre-install"),
                object("CustomResourceDefinition", "crd"),
            ], built: [], rewriter: sample.session.imageRewriter,
            live: LiveImages(
                objects: [], rewriter: sample.session.imageRewriter, home: "demo"),
            namespace: "demo", project: "devcluster-demo")
        #expect(plan.hooks.map(\.name) == ["ConfigMap/hook"])
        for verb in ["apply", "delete", "create", "apply"] {
            sample.runner.expectKubectl(
                [verb], returning: .ok(verb == "create" ? "configmap/hook created\n" : ""))
        }
        let applier = ManifestApplier(
            session: sample.session, namespace: "demo", set: plan.objects)
        _ = try await runner.apply(plan, .install, applier)
        let inputs = sample.runner.calls.map(\.inputText)
        #expect(inputs[0].contains("\"crd\"") && !inputs[0].contains("\"a\""))
        #expect(inputs[2].contains("\"hook\""))
        #expect(inputs[3].contains("\"a\"") && !inputs[3].contains("\"crd\""))
    }

    @Test(arguments: ["keep", " Keep\n"])
    func `what Helm is to keep is not deleted`(policy: String) async throws {
        var kept = object("PersistentVolumeClaim", "data")
        kept["metadata"]?["annotations"] = ["helm.sh/resource-policy": .string(policy)]
        let deletion = ObjectDeletion(
            session: sample.session, namespace: "demo",
            objects: [kept, object("ConfigMap", "a")])
        #expect(deletion.precious.isEmpty)
        sample.runner.expectKubectl(["get", "ConfigMap.v1."], returning: .ok(#"{"items": []}"#))
        let report = try await deletion.perform()
        #expect(report.absent == ["configmap/a"])
        #expect(
            sample.activity.notes == [
                "helm.sh/resource-policy keeps PersistentVolumeClaim/data"
            ])
    }
}
