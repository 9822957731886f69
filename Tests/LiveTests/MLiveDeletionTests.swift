import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct M_Deletion {
        private func configMap(_ name: String, _ namespace: String, finalizer: String? = nil)
            -> String
        {
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: \(name), namespace: \(namespace), finalizers: [\(finalizer ?? "")]}
            ---

            """
        }

        @Test func `80 objects go with a third of the reads of polling each 2 s`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "eighty")
            try await world.devcluster("deploy").checked()
            // With pod, ReplicaSet, Service, endpoints, account, token and root certificate.
            let maps = (0..<72).map { configMap("map-\($0)", "eighty") }.joined()
            try await world.kubectl("apply", "-f", "-", input: maps)
            let start = ContinuousClock.now
            let delete = try await world.devcluster("delete", "namespace", "eighty", "--yes", "-v")
            let seconds = Double((ContinuousClock.now - start).components.seconds)
            #expect(delete.exit == .code(0), "\(delete.errorText)")
            #expect(delete.text.hasPrefix("namespace/eighty is gone"))
            #expect(delete.errorText.contains("objects left: "))
            let calls = delete.errorText.split(separator: "\n").filter {
                $0.contains("kubectl") && $0.contains(" get ")
            }
            // A watch is a read and a watch; what is left is one read for each type of it.
            let reads = calls.count + calls.count { $0.contains("--watch") }
            #expect(Double(reads) <= max(3, seconds / 2 / 3), "\(reads) reads in \(seconds) s")
            let left = try await world.kubectl("get", "namespaces", "-o", "name")
            #expect(!left.contains("eighty"))
        }

        @Test func `a finalizer that nobody removes is named, and removed only when told to`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try await world.kubectl("create", "namespace", "held")
            try await world.kubectl(
                "apply", "-f", "-",
                input: configMap("settings", "held", finalizer: "example.com/hold"))
            let stuck = try await world.devcluster(
                "delete", "namespace", "held", "--yes",
                environment: ["DEVCLUSTER_TIMEOUTS_DELETE": "22s"])
            #expect(stuck.exit == .code(75))
            #expect(
                stuck.errorText.contains(
                    "namespace held is stuck: configmap/settings is kept by the finalizer example.com/hold"
                ))
            #expect(stuck.errorText.contains("devcluster delete namespace held --strip-finalizers"))
            let freed = try await world.devcluster(
                "delete", "namespace", "held", "--yes", "--strip-finalizers")
            #expect(freed.exit == .code(0), "\(freed.errorText)")
            #expect(freed.text.contains("configmap/settings: example.com/hold"))
        }

        @Test func `manifests are deleted with their pods`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "manifests")
            try await world.devcluster("deploy").checked()
            let delete = try await world.devcluster("delete", "-f", "web.yaml")
            #expect(delete.exit == .code(0), "\(delete.errorText)")
            #expect(delete.text.contains("service/web, deployment/web are gone"))
            let pods = try await world.kubectl(
                "get", "pods", "-n", "manifests", "-l", "app=web", "-o", "name")
            #expect(pods == "")
            let again = try await world.devcluster("delete", "-f", "web.yaml")
            #expect(again.text.contains("deployment/web was not there"))
            try await world.kubectl("delete", "namespace", "manifests", "--wait=false")
        }
    }
}
