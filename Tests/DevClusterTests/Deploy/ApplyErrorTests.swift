import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Vocabulary

struct ApplyErrorTests: ApplySuite {
    let sample: SampleSession
    let time = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "demo"]) }

    @Test func `a refusal names the object, and exactly what was applied and what was not`()
        async throws
    {
        sample.runner.expectKubectl(
            ["apply"], returning: try recorded("invalid", output: "configmap/fine3 created\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([
                object("ConfigMap", "fine3"), object("Deployment", "web"),
                object("Service", "svc_9"), object("ConfigMap", "other", namespace: "demo"),
            ])
        }
        let lines = error?.message.split(separator: "\n").map(String.init) ?? []
        #expect(lines.first == "the cluster refused 3 objects:")
        #expect(
            lines[1].contains("| Deployment/web: Deployment in version \"v1\" cannot be handled"))
        #expect(lines[2].contains("| Service/svc_9: metadata.name: Invalid value: \"svc_9\""))
        #expect(lines[3].contains("| ConfigMap/other: namespaces \"apply-rec-none\" not found"))
        #expect(lines[4] == "  | applied: ConfigMap/fine3")
        #expect(lines[5] == "  | not applied: Deployment/web, Service/svc_9, ConfigMap/other")
        #expect(error?.cause == nil, "it would show the patch, with the values of Secrets")
    }

    @Test func `of a field that nobody knows nothing was applied, and that is said`()
        async throws
    {
        var web = object("Deployment", "web")
        web["spec"]?["template"] = nil
        let container: JSONValue = ["name": "web", "imagePullpolicy": "Always"]
        web["spec"] = ["template": ["spec": ["containers": [container]]]]
        sample.runner.expectKubectl(["apply"], returning: try recorded("unknown-field"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([
                object("ConfigMap", "fine3"), object("Deployment", "other"), web,
                object("Service", "svc9"),
            ])
        }
        let message = error?.message ?? ""
        #expect(
            message.contains(
                "Deployment/web: unknown field \"imagePullpolicy\""
                    + " in spec.template.spec.containers[0]\n"))
        #expect(message.contains("unknown field \"portz\" in spec"))
        #expect(message.contains("| nothing was applied\n"))
        #expect(error?.hint?.contains("was applied") == false)
    }

    @Test func `the fields of a StatefulSet that cannot be changed are named, with the way out`()
        async throws
    {
        func store(_ size: String) -> JSONValue {
            var store = object("StatefulSet", "store")
            store["spec"] = [
                "serviceName": "store", "template": ["size": .string(size)],
                "volumeClaimTemplates": [["size": .string(size)]],
            ]
            return store
        }
        var live = store("10Mi")
        let before = String(decoding: try live.encoded(), as: UTF8.self)
        live["metadata"]?["annotations"] = [
            "kubectl.kubernetes.io/last-applied-configuration": .string(before)
        ]
        live["spec"]?["podManagementPolicy"] = "OrderedReady"
        sample.runner.expectKubectl(["apply"], returning: try recorded("immutable-one"))
        sample.runner.expectKubectl(
            ["get", "statefulsets.apps", "store"], returning: .ok(try live.encoded()))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([store("20Mi")])
        }
        #expect(
            error?.message.hasPrefix(
                "the cluster refused StatefulSet/store: spec.volumeClaimTemplates cannot be"
                    + " changed once it is there: ") == true)
        #expect(
            error?.hint == "'kubectl --context kind-devcluster-demo --namespace demo delete"
                + " statefulset store --cascade=orphan' keeps its pods and claims; then deploy"
                + " again")
    }

    @Test func `every wording of what cannot be changed is known, and each kind has its way out`()
        async throws
    {
        let kinds = [
            "StatefulSet store", "PersistentVolumeClaim claim", "Service svc", "Job job",
            "Deployment dep", "RoleBinding rb", "StorageClass apply-rec", "ConfigMap im",
            "Secret sec", "Pod pod", "PersistentVolume apply-rec-pv", "PriorityClass apply-rec",
            "DaemonSet ds",
        ].map { $0.split(separator: " ").map(String.init) }
        var objects = kinds.map { object($0[0], $0[1]) }
        objects.insert(
            object("IngressClass", "apply-rec", apiVersion: "networking.k8s.io/v1"), at: 12)
        sample.runner.expectKubectl(["apply"], returning: try recorded("immutable"))
        sample.runner.expectKubectl(["get"], returning: .failure(1), times: nil)
        let error = await #expect(throws: DevClusterError.self) { try await applier.apply(objects) }
        let message = error?.message ?? ""
        let hints = error?.hint?.split(separator: "\n").map(String.init) ?? []
        #expect(message.hasPrefix("the cluster refused 14 objects:"))
        #expect(message.ranges(of: " cannot be changed once it is there: ").count == 14)
        #expect(message.contains("| nothing was applied"))
        #expect(message.contains("roleRef cannot be changed once it is there"))
        #expect(message.contains("spec.selector cannot be changed once it is there"))
        #expect(message.contains("parameters cannot be changed once it is there"))
        #expect(!message.contains("last-applied"), "the patch may hold the values of Secrets")
        #expect(!message.contains("Yg=="))
        #expect(hints.count == 14)
        #expect(hints[0].contains("--cascade=orphan"))
        #expect(hints[1].contains("would lose what is stored in it"))
        #expect(hints[6].contains("kind-devcluster-demo delete storageclass apply-rec'"))
    }

    @Test func `a namespace that somebody deletes meanwhile is no fault of the manifests`() async {
        let words =
            "Error from server (Forbidden): error when creating \"STDIN\": deployments.apps \"web\""
            + " is forbidden: unable to create new content in namespace r-gone because it is being"
            + " terminated"
        sample.runner.expectKubectl(["apply"], returning: .failure(1, stderr: words + "\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Deployment", "web")])
        }
        #expect(error?.message.contains("Deployment/web: deployments.apps") == true)
        #expect(error?.hint?.contains("deploy again: that waits") == true)
    }
}
