import ChildProcess
import Foundation
import Testing

extension Live {
    /// Manifests that one plain `kubectl apply` does not manage.
    @Suite(.serialized) struct P_ApplyCases {
        /// Deploys the web application with more manifests.
        private func deploy(_ world: LiveWorld, _ namespace: String, _ manifests: String)
            async throws -> Outcome
        {
            try world.configure(
                """
                  namespace: \(namespace)
                  images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                  manifests: [web.yaml, case.yaml]
                  timeouts: {rollout: 60s}
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try world.write("app/web.yaml", LiveWorld.webManifest(image: "web"))
            try world.write("app/case.yaml", manifests)
            return try await world.devcluster("deploy")
        }

        private func end(_ world: LiveWorld, _ namespace: String) async throws {
            try await world.kubectl("delete", "namespace", namespace, "--wait=false")
        }

        private static func job(
            _ name: String, _ hook: String, _ script: String, more: String = ""
        ) -> String {
            """
            ---
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: \(name)
              annotations: {"helm.sh/hook": "\(hook)"\(more)}
            spec:
              backoffLimit: 0
              template:
                spec:
                  restartPolicy: Never
                  containers: [{name: main, image: web, command: [sh, -c, '\(script)']}]

            """
        }

        @Test func `of Helm's hooks only those run that a deploy runs, in their order`()
            async throws
        {
            let world = try LiveWorld.current
            let hooks =
                Self.job("wipe", "pre-delete", "echo WIPED")
                + Self.job("check", "test", "exit 1")
                + Self.job("seed", "post-install", "wget -qO- http://web:80/")
                + Self.job("migrate", "pre-install,pre-upgrade", "echo migrated")
                + Self.job("move", "post-upgrade", "echo moved")
            let first = try await deploy(world, "p-hooks", hooks)
            #expect(first.succeeded, "\(first.errorText)")
            #expect(
                first.errorText.contains(
                    "hooks of Helm that a deploy does not run: Job/wipe (pre-delete), Job/check"
                        + " (test)"))
            let jobs = try await world.kubectl("-n", "p-hooks", "get", "jobs", "-o", "name")
            #expect(jobs == "job.batch/migrate\njob.batch/seed\n")
            let migrated = try await world.kubectl(
                "-n", "p-hooks", "get", "job", "migrate", "-o", "jsonpath={.metadata.uid}")

            let second = try await deploy(world, "p-hooks", hooks)
            #expect(second.succeeded, "\(second.errorText)")
            let all = try await world.kubectl("-n", "p-hooks", "get", "jobs", "-o", "name")
            #expect(all == "job.batch/migrate\njob.batch/move\njob.batch/seed\n")
            let again = try await world.kubectl(
                "-n", "p-hooks", "get", "job", "migrate", "-o", "jsonpath={.metadata.uid}")
            #expect(again != migrated, "before-hook-creation deletes the one before")
            try await end(world, "p-hooks")
        }

        @Test func `a hook that fails ends the deploy before anything else is applied`()
            async throws
        {
            let world = try LiveWorld.current
            let hook = Self.job(
                "migrate", "pre-install", "echo no such table; exit 3",
                more: #", "helm.sh/hook-delete-policy": "hook-failed""#)
            let outcome = try await deploy(world, "p-hookfail", hook)
            #expect(outcome.exit == .code(1))
            #expect(outcome.errorText.contains("the pre-install hook failed: job/migrate"))
            #expect(outcome.errorText.contains("no such table"), "\(outcome.errorText)")
            #expect(outcome.errorText.contains("nothing else was applied"))
            let left = try await world.kubectl(
                "-n", "p-hookfail", "get", "deployments,jobs", "-o", "name")
            #expect(left.isEmpty)
            try await end(world, "p-hookfail")
        }

        private static let backup = """
            apiVersion: p.example.com/v1
            kind: Backup
            metadata: {name: nightly}
            spec: {keep: 3}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: backups.p.example.com}
            spec:
              group: p.example.com
              scope: Namespaced
              names: {kind: Backup, plural: backups, singular: backup}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}

            """

        @Test func `a definition and what it defines need one deploy`() async throws {
            let world = try LiveWorld.current
            let outcome = try await deploy(world, "p-crd", Self.backup)
            #expect(outcome.succeeded, "\(outcome.errorText)")
            let keep = try await world.kubectl(
                "-n", "p-crd", "get", "backup.p.example.com", "nightly", "-o",
                "jsonpath={.spec.keep}")
            #expect(keep == "3")
            try await end(world, "p-crd")
            try await world.kubectl("delete", "crd", "backups.p.example.com", "--wait=false")
        }

        @Test func `of a field that the API does not know nothing is applied, and that is said`()
            async throws
        {
            let world = try LiveWorld.current
            let outcome = try await deploy(
                world, "p-typo",
                """
                apiVersion: v1
                kind: Service
                metadata: {name: other}
                spec: {portz: [{port: 80}]}
                """)
            #expect(outcome.exit == .code(1))
            #expect(
                outcome.errorText.contains(
                    "refused Service/other: unknown field \"portz\" in spec"),
                "\(outcome.errorText)")
            #expect(outcome.errorText.contains("nothing was applied"))
            let left = try await world.kubectl(
                "-n", "p-typo", "get", "deployments,services", "-o", "name")
            #expect(left.isEmpty)
            try await end(world, "p-typo")
        }

        private func boards(_ count: Int, more: String = "") -> String {
            let lines = (1...count).map {
                #"    {"panel": \#($0), "title": "requests per second"}"#
            }
            return """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: boards}
                data:
                \(more)  board.json: |
                \(lines.joined(separator: "\n"))

                """
        }

        @Test func `a ConfigMap may grow beyond what kubectl keeps a copy of`() async throws {
            let world = try LiveWorld.current
            let small = try await deploy(world, "p-large", boards(10, more: "  gone: x\n"))
            #expect(small.succeeded, "\(small.errorText)")
            for _ in 1...2 {
                let large = try await deploy(world, "p-large", boards(9000))
                #expect(large.succeeded, "\(large.errorText)")
            }
            let keys = try await world.kubectl(
                "-n", "p-large", "get", "configmap", "boards", "-o",
                "go-template={{range $key, $value := .data}}{{$key}} {{end}}")
            #expect(keys == "board.json ")
            try await world.kubectl(
                "-n", "p-large", "patch", "configmap", "boards", "--field-manager=kubectl-edit",
                "--patch", #"{"data": {"board.json": "by hand"}}"#)
            let taken = try await deploy(world, "p-large", boards(9000))
            #expect(taken.succeeded, "\(taken.errorText)")
            #expect(taken.errorText.contains("conflict with \"kubectl-edit\""))
            try await end(world, "p-large")
        }

        @Test func `a Job without a name is made, waited for, and looked at`() async throws {
            let world = try LiveWorld.current
            let job = """
                apiVersion: batch/v1
                kind: Job
                metadata: {generateName: seed-}
                spec:
                  backoffLimit: 0
                  template:
                    spec:
                      restartPolicy: Never
                      containers: [{name: seed, image: web, command: [sh, -c, "sleep 2"]}]

                """
            let outcome = try await deploy(world, "p-generated", job)
            #expect(outcome.succeeded, "\(outcome.errorText)")
            let done = try await world.kubectl(
                "-n", "p-generated", "get", "jobs", "-o", "jsonpath={.items[*].status.succeeded}")
            #expect(done == "1", "it was waited for")
            let failing = try await deploy(
                world, "p-generated", job.replacing("sleep 2", with: "exit 3"))
            #expect(failing.exit == .code(1))
            #expect(failing.errorText.contains("job/seed-"), "\(failing.errorText)")
            try await end(world, "p-generated")
        }

        @Test func `what cannot be changed in a StatefulSet is named, and the hint is true`()
            async throws
        {
            let world = try LiveWorld.current
            func store(_ size: String) -> String {
                """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: store}
                spec:
                  serviceName: store
                  selector: {matchLabels: {app: store}}
                  template:
                    metadata: {labels: {app: store}}
                    spec:
                      terminationGracePeriodSeconds: 1
                      containers: [{name: store, image: web, volumeMounts: [{name: data, mountPath: /data}]}]
                  volumeClaimTemplates:
                  - metadata: {name: data}
                    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: \(size)}}}

                """
            }
            let first = try await deploy(world, "p-store", store("10Mi"))
            #expect(first.succeeded, "\(first.errorText)")
            let second = try await deploy(world, "p-store", store("20Mi"))
            #expect(second.exit == .code(1))
            #expect(
                second.errorText.contains(
                    "StatefulSet/store: spec.volumeClaimTemplates cannot be changed"),
                "\(second.errorText)")
            #expect(second.errorText.contains("delete statefulset store --cascade=orphan'"))
            try await world.kubectl(
                "-n", "p-store", "delete", "statefulset", "store", "--cascade=orphan")
            let third = try await deploy(world, "p-store", store("20Mi"))
            #expect(third.succeeded, "\(third.errorText)")
            try await end(world, "p-store")
        }
    }
}
