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
            try await world.kubectl("scale", "-n", "eighty", "deployment/web", "--replicas=3")
            // With three pods, ReplicaSet, Deployment, Service, account, token and root certificate.
            let maps = (0..<71).map { configMap("map-\($0)", "eighty") }.joined()
            try await world.kubectl("apply", "-f", "-", input: maps)
            let start = ContinuousClock.now
            let delete = try await world.devcluster("delete", "namespace", "eighty", "--yes", "-v")
            let seconds = Double((ContinuousClock.now - start).components.seconds)
            #expect(delete.exit == .code(0), "\(delete.errorText)")
            #expect(delete.text.hasPrefix("namespace/eighty is gone"))
            #expect(delete.errorText.contains("· namespace eighty: 3 objects left: 3 pods\n"))
            let calls = delete.errorText.split(separator: "\n").filter {
                $0.contains("kubectl") && $0.contains(" get ")
            }
            // A watch is a read and a watch; what is left is one read for each type of it.
            let reads = calls.count + calls.count { $0.contains("--watch") }
            #expect(Double(reads) <= max(3, seconds / 2 / 3), "\(reads) reads in \(seconds) s")
            print("80 objects: \(reads) reads in \(seconds) s, polling: \(seconds / 2)")
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
                environment: ["DEVCLUSTER_TIMEOUTS_DELETE": "18s"])
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
            #expect(delete.text.contains("deployment/web, service/web are gone"))
            let pods = try await world.kubectl(
                "get", "pods", "-n", "manifests", "-l", "app=web", "-o", "name")
            #expect(pods == "")
            let again = try await world.devcluster("delete", "-f", "web.yaml")
            #expect(again.text.contains("deployment/web was not there"))
            try await world.kubectl("delete", "namespace", "manifests", "--wait=false")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `an API service that is down is named as the cause`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try await world.kubectl("create", "namespace", "dead")
            try await world.kubectl(
                "apply", "-f", "-",
                input: """
                    apiVersion: apiregistration.k8s.io/v1
                    kind: APIService
                    metadata: {name: v1beta1.dead.example.com}
                    spec:
                      group: dead.example.com
                      version: v1beta1
                      groupPriorityMinimum: 100
                      versionPriority: 100
                      insecureSkipTLSVerify: true
                      service: {name: nobody, namespace: dead}

                    """)
            let stuck = try await world.devcluster(
                "delete", "namespace", "dead", "--yes",
                environment: ["DEVCLUSTER_TIMEOUTS_DELETE": "25s"])
            try await world.kubectl("delete", "apiservice", "v1beta1.dead.example.com")
            #expect(stuck.exit == .code(75))
            #expect(
                stuck.errorText.contains(
                    "the API service v1beta1.dead.example.com does not answer"),
                "\(stuck.errorText)")
            #expect(stuck.errorText.contains(" get apiservices"))
            let freed = try await world.devcluster("delete", "namespace", "dead", "--yes")
            #expect(freed.exit == .code(0), "\(freed.errorText)")
        }
    }
}
