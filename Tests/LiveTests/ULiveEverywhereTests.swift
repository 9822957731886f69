import ChildProcess
import Foundation
import Images
import StateFiles
import Testing

extension Live {
    /// Deploys of more than Deployments in one namespace.
    @Suite(.serialized) struct U_Everywhere {
        private func configure(_ world: LiveWorld, _ namespace: String, _ manifests: String) throws
        {
            try world.configure(
                """
                  namespace: \(namespace)
                  images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                  manifests: [case.yaml]
                  timeouts: {rollout: 60s}
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try world.write("app/case.yaml", manifests)
        }

        private func deployment(
            _ name: String, in namespace: String? = nil, command: String? = nil
        ) -> String {
            """
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: \(name)\(namespace.map { ", namespace: \($0)" } ?? "")}
            spec:
              selector: {matchLabels: {app: \(name)}}
              template:
                metadata: {labels: {app: \(name)}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: \(name), image: web\(container(command))}]

            """
        }

        private func container(_ command: String?) -> String {
            command.map { ", command: [/bin/sh, -c, \"\($0)\"]" } ?? ""
        }

        private func namespace(_ name: String) -> String {
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: \(name)}\n"
        }

        private func containers(_ outcome: Outcome) throws -> [[String: Any]] {
            let report = try #require(try result(outcome)["report"] as? [String: Any])
            let verification = report["verification"] as? [String: Any] ?? report
            return try #require(verification["containers"] as? [[String: Any]])
        }

        private func delete(_ world: LiveWorld, _ namespaces: String...) async throws {
            for name in namespaces {
                try await world.kubectl("delete", "namespace", name, "--wait=false")
            }
        }

        @Test func `a second namespace is waited for, verified, recorded and shown`() async throws {
            let world = try LiveWorld.current
            let crash = deployment(
                "worker", in: "u-other", command: "echo cannot reach queue; exit 3")
            try configure(world, "u-one", namespace("u-other") + deployment("web") + crash)
            let broken = try await world.devcluster("deploy")
            #expect(broken.exit == .code(1), "\(broken.errorText)")
            #expect(broken.errorText.contains("deployment/worker (namespace u-other)"))
            #expect(broken.errorText.contains("| cannot reach queue"))
            #expect(!broken.text.contains("exactly what was built"))

            let worker = deployment("worker", in: "u-other")
            try configure(world, "u-one", namespace("u-other") + deployment("web") + worker)
            let mended = try await world.devcluster("deploy")
            #expect(mended.exit == .code(0), "\(mended.errorText)")
            #expect(mended.text.contains("2 containers running exactly what was built"))
            let all = try await world.devcluster("verify-image")
            #expect(all.text.contains("u-other/worker-") && all.text.contains("u-one/web-"))
            let one = try await world.devcluster("verify-image", "-n", "u-one")
            #expect(!one.text.contains("worker-") && one.text.contains("1 container running"))
            let status = try await world.devcluster("status")
            #expect(status.text.contains("deployment/worker (namespace u-other)"))
            try await delete(world, "u-one", "u-other")
        }

        @Test func `a namespace that is taken by another command is not deployed to`() async throws
        {
            let world = try LiveWorld.current
            let worker = deployment("worker", in: "u-a")
            try configure(world, "u-b", namespace("u-a") + deployment("web") + worker)
            let lock = try await StateLock.take(
                "\(world.stateFolder)/namespaces/u-a.lock",
                for: "devcluster restart")
            let refused = try await world.devcluster("deploy")
            withExtendedLifetime(lock) {}
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("'devcluster restart'"), "\(refused.errorText)")
            let spaces = try await world.kubectl("get", "namespaces", "-o", "name")
            #expect(!spaces.contains("namespace/u-a") && !spaces.contains("namespace/u-b"))
        }

        /// Kinds called as Kubernetes' own.
        private var definitions: String {
            let names = [
                ("jobs", "job", "Job"), ("statefulsets", "statefulset", "StatefulSet"),
                ("services", "service", "Service"), ("pods", "pod", "Pod"),
            ]
            return names.map { plural, singular, kind in
                """
                ---
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: \(plural).u.example.com}
                spec:
                  group: u.example.com
                  scope: Namespaced
                  names: {kind: \(kind), plural: \(plural), singular: \(singular)}
                  versions:
                  - name: v1alpha1
                    served: true
                    storage: true
                    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object,
                      x-kubernetes-preserve-unknown-fields: true}}}}

                """
            }.joined()
        }

        @Test func `objects of other groups are applied, and taken for nothing else`() async throws
        {
            let world = try LiveWorld.current
            try await world.kubectl("apply", "-f", "-", input: definitions)
            let custom = ["Job", "StatefulSet", "Pod"].map { kind in
                """
                ---
                apiVersion: u.example.com/v1alpha1
                kind: \(kind)
                metadata: {name: web}
                spec: {replicas: 3, template: {spec: {containers: [{name: main, image: web}]}}}

                """
            }
            let service = """
                ---
                apiVersion: u.example.com/v1alpha1
                kind: Service
                metadata: {name: web}
                spec: {type: LoadBalancer}

                """
            try configure(world, "u-groups", deployment("web") + custom.joined() + service)
            for _ in 1...2 {
                let deploy = try await world.devcluster("deploy", "--json")
                #expect(deploy.exit == .code(0), "\(deploy.errorText)")
                #expect(try containers(deploy).count == 1)
                #expect(!deploy.errorText.contains("LoadBalancer"))
            }
            let pods = try await world.kubectl(
                "get", "pods.u.example.com", "-n", "u-groups", "-o", "name")
            #expect(pods.contains("pod.u.example.com/web"))
            let deleted = try await world.devcluster("delete", "-f", "case.yaml", "--yes")
            #expect(deleted.exit == .code(0), "\(deleted.errorText)")
            try await world.kubectl("delete", "-f", "-", "--wait=false", input: definitions)
            try await delete(world, "u-groups")
        }

        @Test func `a pod that an operator made is judged too`() async throws {
            let world = try LiveWorld.current
            let stale = """
                ---
                apiVersion: v1
                kind: Pod
                metadata:
                  name: made
                  ownerReferences: [{apiVersion: u.example.com/v1, kind: Thing, name: a, uid: "1",
                    controller: true}]
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: made, image: "localhost:\(world.registryPort)/web:gone"}]

                """
            try configure(world, "u-operator", deployment("web"))
            try await world.kubectl("create", "namespace", "u-operator")
            try await world.kubectl("apply", "-n", "u-operator", "-f", "-", input: stale)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(3), "\(deploy.errorText)")
            #expect(deploy.text.contains("unknown: made/made"), "\(deploy.text)")
            try await delete(world, "u-operator")
        }

        @Test func `a Job that is removed as soon as it is done counts as completed`() async throws
        {
            let world = try LiveWorld.current
            let job = """
                ---
                apiVersion: batch/v1
                kind: Job
                metadata: {name: migrate}
                spec:
                  ttlSecondsAfterFinished: 0
                  backoffLimit: 0
                  template:
                    spec:
                      restartPolicy: Never
                      containers: [{name: migrate, image: web\(container("sleep 2; echo migrated"))}]

                """
            try configure(world, "u-ttl", deployment("web") + job)
            // Kubernetes before 1.21 has no controller for it.
            let controller = Task {
                while !Task.isCancelled {
                    let done = try? await world.kubectl(
                        "get", "job", "migrate", "-n", "u-ttl", "-o", "jsonpath={.status.succeeded}"
                    )
                    if done == "1" {
                        try await world.kubectl("delete", "job", "migrate", "-n", "u-ttl")
                        return
                    }
                }
            }
            let deploy = try await world.devcluster("deploy")
            controller.cancel()
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.text.contains("job/migrate  completed"), "\(deploy.text)")
            try await delete(world, "u-ttl")
        }

        @Test func `an object given twice ends it before anything is applied`() async throws {
            let world = try LiveWorld.current
            try configure(world, "u-twice", deployment("web") + deployment("web"))
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(64))
            #expect(deploy.errorText.contains("is given twice: in case.yaml (documents 1 and 2)"))
            let spaces = try await world.kubectl("get", "namespaces", "-o", "name")
            #expect(!spaces.contains("namespace/u-twice"))
        }

        private func pod(_ command: String, restarts: String = "Always") -> String {
            """
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: tool}
            spec:
              restartPolicy: \(restarts)
              terminationGracePeriodSeconds: 1
              containers: [{name: tool, image: web\(container(command))}]

            """
        }

        @Test func `a pod by itself is waited for, in place of what it ran before too`()
            async throws
        {
            let world = try LiveWorld.current
            try configure(world, "u-pod", pod("echo no config; exit 4", restarts: "Never"))
            let broken = try await world.devcluster("deploy")
            #expect(broken.exit == .code(1), "\(broken.errorText)")
            #expect(broken.errorText.contains("pod/tool: container tool ended with exit code 4"))
            #expect(broken.errorText.contains("| no config"))
            try configure(world, "u-pod", pod("exec sleep 100000"))
            // What failed is made anew; what runs gets its new image in place.
            for number in 1...2 {
                try world.write("app/www/index.html", "pod \(number)")
                let deploy = try await world.devcluster("deploy", "--json")
                #expect(deploy.exit == .code(0), "\(deploy.errorText)\(deploy.text)")
                #expect(try containers(deploy).count == 1)
            }
            try await delete(world, "u-pod")
        }

        @Test func `what starts nothing now is named with the reason, and proves nothing`()
            async throws
        {
            let world = try LiveWorld.current
            let cronJobs = try await world.version(of: "cronjobs", "batch/v1", "batch/v1beta1")
            let cronJob = """
                ---
                apiVersion: \(cronJobs)
                kind: CronJob
                metadata: {name: nightly}
                spec:
                  schedule: "30 3 * * *"
                  jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
                    containers: [{name: nightly, image: web}]}}}}

                """
            let none = deployment("none").replacing(
                "spec:\n  sel", with: "spec:\n  replicas: 0\n  sel")
            try configure(world, "u-idle", cronJob + none)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(3), "\(deploy.errorText)")
            #expect(deploy.text.contains("not judged (starts its next job at '30 3 * * *')"))
            #expect(deploy.text.contains("not judged (it is to have no pods: replicas is 0)"))
            try await delete(world, "u-idle")
        }
    }
}
