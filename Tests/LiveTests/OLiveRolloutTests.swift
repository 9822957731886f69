import ChildProcess
import Foundation
import Testing

/// A workload that cannot come up, and what has to be said of it.
struct FailingRollout: Sendable, CustomTestStringConvertible {
    var name: String
    /// Fields of the container, as JSON without braces.
    var container = #""command": ["sleep", "100000"]"#
    /// Fields of the pod, likewise, with a comma at the end.
    var pod = ""
    var image: String?
    /// What the cluster's objects and events hold as soon as it knows the reason.
    var known: String
    /// What has to be said, as JSON escapes it.
    var says: String
    var remedy: String

    var testDescription: String { name }

    func manifest(image base: String) -> String {
        """
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
         "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {
          "metadata": {"labels": {"app": "web"}}, "spec": {\(pod)
           "terminationGracePeriodSeconds": 1, "containers": [
            {"name": "web", "image": "\(image ?? base)", \(container)}]}}}}
        """
    }

    private static func probe(_ how: String) -> String {
        #""command": ["sleep", "100000"], "readinessProbe": {"# + how + #", "periodSeconds": 1}"#
    }

    private static func volume(_ source: String) -> String {
        #""volumes": [{"name": "v", \#(source)}],"#
    }

    private static let sleeps = #""command": ["sleep", "100000"]"#

    /// Given up at once, or after 10 s.
    static let quick = [
        FailingRollout(
            name: "account", pod: #""serviceAccountName": "absent","#, known: "FailedCreate",
            says: #"serviceaccount \"absent\" not found"#, remedy: "correct what it names"),
        FailingRollout(
            name: "no-configmap",
            container: sleeps + #", "envFrom": [{"configMapRef": {"name": "absent"}}]"#,
            known: "CreateContainerConfigError", says: #"configmap \"absent\" not found"#,
            remedy: "create or correct"),
        FailingRollout(
            name: "no-mount",
            container: sleeps + #", "volumeMounts": [{"name": "v", "mountPath": "/v"}]"#,
            pod: volume(#""secret": {"secretName": "absent"}"#), known: "FailedMount",
            says: #"secret \"absent\" not found"#, remedy: "the volume's source"),
        FailingRollout(
            name: "no-program", container: #""command": ["nosuchprogram"]"#,
            known: "executable file not found", says: "executable file not found",
            remedy: "create or correct"),
    ]

    /// Given up after 30 s, or after four restarts.
    static let slow = [
        FailingRollout(
            name: "refused", image: "localhost:5998/x:1", known: "ErrImagePull",
            says: "connection refused", remedy: "nothing answers at localhost:5998"),
        FailingRollout(
            name: "unknown-host", image: "registry.invalid/x:1", known: "ErrImagePull",
            says: "no such host", remedy: "no address for registry.invalid"),
        FailingRollout(
            name: "processor", container: sleeps + #", "resources": {"requests": {"cpu": "100"}}"#,
            known: "Unschedulable", says: "Insufficient cpu", remedy: "that much cpu left"),
        FailingRollout(
            name: "no-claim", pod: volume(#""persistentVolumeClaim": {"claimName": "absent"}"#),
            known: "Unschedulable", says: #"persistentvolumeclaim \"absent\" not found"#,
            remedy: "create the claim"),
        FailingRollout(
            name: "selector", pod: #""nodeSelector": {"disk": "ssd"},"#, known: "Unschedulable",
            says: "node affinity", remedy: "nodeSelector"),
        FailingRollout(
            name: "probe",
            container: probe(#""exec": {"command": ["sh", "-c", "echo empty; false"]}"#),
            known: "Readiness probe failed", says: "Readiness probe failed: empty",
            remedy: "correct the probe"),
        FailingRollout(
            name: "memory",
            container: #""command": ["sh", "-c", "tail /dev/zero"],"#
                + #" "resources": {"limits": {"memory": "8Mi"}}"#,
            known: "OOMKilled", says: "exit code 137 (OOMKilled)", remedy: "limits.memory"),
        FailingRollout(
            name: "crash", container: #""command": ["sh", "-c", "echo no database; exit 3"]"#,
            known: #""exitCode": 3"#, says: #"exit code 3\n  | no database"#,
            remedy: "logs --previous"),
    ]
}

extension Live {
    @Suite(.serialized) struct O_Rollouts {
        private func configure(_ world: LiveWorld, _ namespace: String, _ manifest: String) throws {
            try world.configure("  namespace: \(namespace)\n  manifests: [rollout.json]")
            try world.write("app/rollout.json", manifest)
        }

        /// Whether the cluster knows already.
        private func knows(_ world: LiveWorld, _ namespace: String, _ words: String) async -> Bool {
            let text = try? await world.kubectl(
                "get", "pods,replicasets,events", "-n", namespace, "-o", "json")
            return text?.contains(words) ?? false
        }

        private func explain(_ rollout: FailingRollout) async throws {
            let world = try LiveWorld.current
            let namespace = "r-\(rollout.name)"
            try configure(world, namespace, rollout.manifest(image: try await world.pushedBase()))
            let log = "\(world.folder)/rollout.log"
            let work = Task {
                try await world.runner.run(
                    Invocation(
                        "sh", ["-c", "exec \(LiveWorld.executable) deploy --json >\(log)"],
                        environment: world.environment, directory: "\(world.folder)/app",
                        deadline: .seconds(400)))
            }
            defer { work.cancel() }
            try await world.eventually("the cluster knows of \(rollout.known)") {
                await knows(world, namespace, rollout.known)
            }
            let known = ContinuousClock.now
            try await world.eventually("it is told") {
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                return text.contains(rollout.says)
            }
            let lag = ContinuousClock.now - known
            print("\(rollout.name): told after \(lag)")
            #expect(lag < .seconds(3))
            let outcome = try await work.value
            #expect(outcome.exit == .code(1))
            let text = try String(contentsOfFile: log, encoding: .utf8)
            let last = text.split(separator: "\n").last.map(String.init) ?? ""
            #expect(last.contains(rollout.says), "\(last)")
            #expect(last.contains(rollout.remedy), "\(last)")
            try await world.kubectl("delete", "namespace", namespace, "--wait=false")
        }

        @Test(arguments: FailingRollout.quick)
        func `why a rollout cannot end is told within 3 s of the cluster knowing it`(
            rollout: FailingRollout
        ) async throws {
            try await explain(rollout)
        }

        @Test(.enabled(if: LiveWorld.isLong), arguments: FailingRollout.slow)
        func `what may still come right is told as soon, and given up later`(
            rollout: FailingRollout
        ) async throws {
            try await explain(rollout)
        }

        /// A service that ends until its database listens, which it does after a while.
        private func services(_ image: String) -> String {
            func deployment(_ name: String, _ container: String, pod: String = "") -> String {
                """
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "\(name)"},
                 "spec": {"selector": {"matchLabels": {"app": "\(name)"}}, "template": {
                  "metadata": {"labels": {"app": "\(name)"}}, "spec": {\(pod)
                   "terminationGracePeriodSeconds": 1, "containers": [
                    {"name": "\(name)", "image": "\(image)", \(container)}]}}}}
                """
            }
            let database = deployment(
                "db",
                #""command": ["sh", "-c", "sleep 20; exec httpd -f -p 5432 -h /"],"#
                    + #" "readinessProbe": {"tcpSocket": {"port": 5432}, "periodSeconds": 1,"#
                    + #" "initialDelaySeconds": 19}"#)
            // It counts its starts where they outlive the container.
            let service = deployment(
                "web",
                #""command": ["sh", "-c", "n=$(cat /n/n || echo 0); echo $((n + 1)) >/n/n;"#
                    + #" [ $n -ge 3 ] && timeout 2 wget -q -O /dev/null"#
                    + #" http://db:5432/etc/hostname || { echo no database; exit 3; };"#
                    + #" exec sleep 100000"], "volumeMounts": [{"name": "n", "mountPath": "/n"}]"#,
                pod: #""volumes": [{"name": "n", "emptyDir": {}}],"#)
            return """
                {"apiVersion": "v1", "kind": "List", "items": [\(database), \(service),
                 {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"},
                  "spec": {"selector": {"app": "db"}, "ports": [{"port": 5432}]}}]}
                """
        }

        @Test(arguments: 1...(LiveWorld.isLong ? 20 : 1))
        func `a service that crashes three times until its database is up deploys`(run: Int)
            async throws
        {
            let world = try LiveWorld.current
            let image = try await world.pushedBase()
            try configure(world, "r-db-\(run)", services(image))
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.errorText.contains("no database"))
            #expect(deploy.errorText.contains("✓ rollout of 2 workloads"))
            let restarts = try await world.kubectl(
                "get", "pods", "-n", "r-db-\(run)", "-l", "app=web", "-o",
                "jsonpath={.items[*].status.containerStatuses[0].restartCount}")
            #expect((Int(restarts) ?? 0) >= 3, "\(restarts)")
            try await world.kubectl("delete", "namespace", "r-db-\(run)", "--wait=false")
        }

        @Test func `twenty workloads cost few children and little time`() async throws {
            let world = try LiveWorld.current
            let image = try await world.pushedBase()
            let items = (1...20).map { number in
                """
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "w\(number)"},
                 "spec": {"selector": {"matchLabels": {"app": "w\(number)"}}, "template": {
                  "metadata": {"labels": {"app": "w\(number)"}}, "spec": {
                   "terminationGracePeriodSeconds": 1, "containers": [
                    {"name": "web", "image": "\(image)", "command": ["sleep", "100000"]}]}}}}
                """
            }
            try configure(
                world, "r-twenty",
                #"{"apiVersion": "v1", "kind": "List", "items": [\#(items.joined(separator: ","))]}"#
            )
            let deploy = try await world.devcluster("deploy", "-v")
            #expect(deploy.errorText.contains("✓ rollout of 20 workloads"))
            let children = deploy.errorText.split(separator: "\n").count {
                $0.hasPrefix("$ ") && $0.contains("kubectl")
            }
            let table = try await world.kubectl("get", "pods", "-n", "r-twenty", "-o", "json")
            print("20 workloads: \(children) kubectl; \(deploy.errorText.suffix(900))")
            #expect(table.contains("w20"))
            #expect(children < 150)
            try await world.kubectl("delete", "namespace", "r-twenty", "--wait=false")
        }

        @Test func `a workload that somebody deletes during its rollout ends the wait`()
            async throws
        {
            let world = try LiveWorld.current
            let image = try await world.pushedBase()
            let rollout = FailingRollout(
                name: "gone",
                container: #""command": ["sleep", "100000"], "readinessProbe":"#
                    + #" {"exec": {"command": ["false"]}, "initialDelaySeconds": 300}"#,
                known: "", says: "", remedy: "")
            for (namespace, victim, says) in [
                ("r-gone", "deployment/web", "deployment/web is gone from namespace r-gone"),
                ("r-ending", "namespace/r-ending", "namespace r-ending is being deleted"),
            ] {
                try configure(world, namespace, rollout.manifest(image: image))
                let work = Task { try await world.devcluster("deploy") }
                defer { work.cancel() }
                try await world.eventually("it is rolled out") {
                    await knows(world, namespace, #""phase": "Running""#)
                }
                try await world.kubectl("delete", victim, "-n", namespace, "--wait=false")
                let deploy = try await work.value
                #expect(deploy.exit == .code(1))
                #expect(deploy.errorText.contains(says), "\(deploy.errorText)")
                _ = try? await world.kubectl("delete", "namespace", namespace, "--wait=false")
            }
        }

        @Test func `a LoadBalancer without an address is told, and not waited for`() async throws {
            let world = try LiveWorld.current
            try configure(
                world, "r-balancer",
                #"{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": "#
                    + #"{"type": "LoadBalancer", "ports": [{"port": 80}]}}"#)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.errorText.contains("service/web is a LoadBalancer without an address"))
            try await world.kubectl("delete", "namespace", "r-balancer", "--wait=false")
        }

        /// Objects of which the API warns, and its words: of two kinds in old versions, or of a field
        /// where the API server has those versions no more.
        private func warned(_ world: LiveWorld, _ names: [String]) async throws
            -> (kind: String, items: [String], words: String)
        {
            let hasOld = (try? await world.version(of: "ingresses", "extensions/v1beta1")) != nil
            guard hasOld else {
                let items = names.map { name in
                    """
                    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "\(name)"},
                     "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "\(name)"}},
                      "template": {"metadata": {"labels": {"app": "\(name)"}}, "spec": {
                       "nodeSelector": {"beta.kubernetes.io/os": "linux"},
                       "containers": [{"name": "web", "image": "registry.invalid/x:1"}]}}}}
                    """
                }
                // From Kubernetes 1.23 on: pkg/api/pod/warnings.go, pkg/api/node/util.go of 1.36.3.
                let field = "spec.template.spec.nodeSelector[beta.kubernetes.io/os]"
                return ("Deployment", items, "\(field): deprecated since v1.14")
            }
            let items = names.map { name in
                """
                {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy",
                 "metadata": {"name": "dct-\(name)"}, "spec": {"seLinux": {"rule": "RunAsAny"},
                  "runAsUser": {"rule": "RunAsAny"}, "fsGroup": {"rule": "RunAsAny"},
                  "supplementalGroups": {"rule": "RunAsAny"}}},
                {"apiVersion": "extensions/v1beta1", "kind": "Ingress",
                 "metadata": {"name": "\(name)"},
                 "spec": {"backend": {"serviceName": "x", "servicePort": 80}}}
                """
            }
            return ("Ingress", items, "extensions/v1beta1 Ingress is deprecated")
        }

        @Test func `the API's warnings name the object, each of several`() async throws {
            let world = try LiveWorld.current
            let (kind, items, words) = try await warned(world, ["one", "two"])
            try configure(
                world, "r-warnings",
                #"{"apiVersion": "v1", "kind": "List", "items": [\#(items.joined(separator: ","))]}"#
            )
            let deploy = try await world.devcluster("deploy")
            for name in ["one", "two"] {
                #expect(
                    deploy.errorText.contains("warning: \(kind)/\(name): \(words)"),
                    "\(deploy.errorText)")
            }
            try await world.kubectl("delete", "namespace", "r-warnings", "--wait=false")
            if kind == "Ingress" {
                try await world.kubectl("delete", "podsecuritypolicy", "dct-one", "dct-two")
            }
        }
    }
}
