import ChildProcess
import Foundation
import Testing

extension Live {
    /// What people meet on their way to a first deploy, and what they are told then.
    @Suite(.serialized) struct V_Cases {
        private func configure(
            _ world: LiveWorld, _ namespace: String, _ manifests: String, rollout: String = "60s"
        ) throws {
            try world.configure(
                """
                  namespace: \(namespace)
                  images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                  manifests: [case.yaml]
                  timeouts: {rollout: \(rollout)}
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try world.write("app/case.yaml", manifests)
        }

        private func deployment(_ name: String, initial: String = "", container: String = "")
            -> String
        {
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: \(name)}
            spec:
              selector: {matchLabels: {app: \(name)}}
              template:
                metadata: {labels: {app: \(name)}}
                spec:
                  terminationGracePeriodSeconds: 1
                  initContainers: [\(initial)]
                  containers: [{name: \(name), image: web\(container)}]

            """
        }

        @Test func `an init container that waits is told with its words, at once and at the end`()
            async throws
        {
            let world = try LiveWorld.current
            let command = "while true; do echo waiting for db:5432; sleep 1; done"
            try configure(
                world, "v-waits",
                deployment(
                    "web",
                    initial:
                        "{name: wait-for-db, image: web, command: [/bin/sh, -c, \"\(command)\"]}"),
                rollout: "12s")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(75), "\(deploy.errorText)")
            let told = deploy.errorText.split(separator: "error: ", maxSplits: 1).map(String.init)
            #expect(told.count == 2)
            for part in told {
                #expect(part.contains("init container wait-for-db runs and has not ended"))
                #expect(part.contains("  | waiting for db:5432"))
            }
            try await world.kubectl("delete", "namespace", "v-waits", "--wait=false")
        }

        @Test func `an image that its pod may not pull is refused before anything is applied`()
            async throws
        {
            let world = try LiveWorld.current
            try world.write("app/www/index.html", "never \(world.cluster)")
            let manifest = deployment("web", container: ", imagePullPolicy: Never")
            try configure(world, "v-never", manifest)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(64), "\(deploy.errorText)")
            #expect(deploy.errorText.contains("Deployment/web, container web: its image was just"))
            #expect(deploy.errorText.contains("hint: take imagePullPolicy out of the manifest"))
            let made = try await world.kubectl("get", "deployments", "-n", "v-never", "-o", "name")
            #expect(made.isEmpty)

            // What was built already may be on a node; where it is not, no time is lost.
            let again = try await world.devcluster("deploy")
            #expect(again.exit == .code(1), "\(again.errorText)")
            #expect(again.errorText.contains("ErrImageNeverPull"))
            #expect(again.errorText.contains("hint: take 'imagePullPolicy: Never' out"))
            #expect(again.duration < .seconds(30))
            try await world.kubectl("delete", "namespace", "v-never", "--wait=false")
        }

        /// Takes a lock that it gives back at its end; without it, it says so and ends, or waits.
        private func locking(_ name: String, says words: String, ends: Bool) -> String {
            let script = """
                trap 'rmdir /data/lock; exit 0' TERM
                until mkdir /data/lock 2>/dev/null; do
                  echo "$WORDS"; sleep 1
                  [ "$ENDS" = false ] || exit 1
                done
                httpd -f -p 8080 -h /www & wait
                """
            let claim = """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: \(name)-data}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}
                ---

                """
            let parts: [String: Any] = [
                "command": ["/bin/sh", "-c", script],
                "env": [
                    ["name": "WORDS", "value": words], ["name": "ENDS", "value": "\(ends)"],
                ],
                "volumeMounts": [["name": "data", "mountPath": "/data"]],
                "readinessProbe": ["httpGet": ["path": "/", "port": 8080], "periodSeconds": 1],
            ]
            let text = parts.sorted { $0.key < $1.key }.map { key, value in
                let data = try? JSONSerialization.data(
                    withJSONObject: value, options: .withoutEscapingSlashes)
                return ", \(key): \(String(decoding: data ?? Data(), as: UTF8.self))"
            }
            let volume = "{name: data, persistentVolumeClaim: {claimName: \(name)-data}}"
            return claim
                + deployment(name, container: text.joined())
                .replacing("GracePeriodSeconds: 1", with: "GracePeriodSeconds: 20")
                + "      volumes: [\(volume)]\n---\n"
        }

        @Test func `data that an old pod has is told in the program's words, and freed`()
            async throws
        {
            let world = try LiveWorld.current
            let metrics =
                #"err="opening storage failed: lock DB directory: resource temporarily unavailable""#
            let broker = "Database /data/lock is locked by another server, waiting for it"
            try configure(
                world, "v-locks",
                locking("metrics", says: metrics, ends: true)
                    + locking("broker", says: broker, ends: false))
            try world.write("app/www/index.html", "first")
            let first = try await world.devcluster("deploy")
            #expect(first.exit == .code(0), "\(first.errorText)")

            try world.write("app/www/index.html", "second")
            let second = try await world.devcluster("deploy")
            #expect(second.exit == .code(0), "\(second.errorText)")
            for (name, words) in [("metrics", metrics), ("broker", broker)] {
                #expect(second.errorText.contains("of the same workload has claim \(name)-data"))
                #expect(second.errorText.contains("  | \(words)"), "\(second.errorText)")
                #expect(second.text.contains("deployment/\(name): lock cleared (pod \(name)-"))
            }
            #expect(
                second.text.contains("of the same workload has claim metrics-data (Prometheus)"))
            #expect(second.errorText.contains("set 'strategy: {type: Recreate}' in its manifest"))
            try await world.kubectl("delete", "namespace", "v-locks", "--wait=false")
        }

        /// The application in a git repository of its own, with one commit.
        private func repository(_ world: LiveWorld) async throws -> String {
            try configure(world, "v-git", "")
            // What was built before would keep its tag.
            try world.write("app/www/index.html", "git \(ContinuousClock.now)")
            return try await world.shell(
                """
                cd "$FOLDER" && rm -rf git git-other && cp -r app git && mkdir git-other
                for place in git git-other; do
                  git -C $place init -q && git -C $place add .
                  git -C $place -c user.name=a -c user.email=b commit -q --allow-empty -m $place
                done
                git -C git rev-parse --short=12 HEAD
                """
            ).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        @Test func `a tag names the commit of its folder, also in the hook of another repository`()
            async throws
        {
            let world = try LiveWorld.current
            let commit = try await repository(world)
            let other = "\(world.folder)/git-other"
            let build = try await world.devcluster(
                "build",
                environment: [
                    "GIT_DIR": "\(other)/.git", "GIT_WORK_TREE": other,
                    "GIT_INDEX_FILE": "\(other)/.git/index", "GIT_PREFIX": "",
                ], folder: "git")
            #expect(build.exit == .code(0), "\(build.errorText)")
            #expect(build.text.contains("/web:dev-\(commit)-2"), "\(build.text)")
        }

        @Test(.enabled(if: geteuid() == 0, "only root gives folders away"))
        func `a repository of somebody else is named with git's cure`() async throws {
            let world = try LiveWorld.current
            let commit = try await repository(world)
            try await world.shell("chown -R 12345 \"$FOLDER/git\"")
            let cure = "git config --global --add safe.directory "
            let unique = try await world.devcluster("build", folder: "git")
            #expect(unique.exit == .code(0), "\(unique.errorText)")
            #expect(unique.text.contains("/web:dev-nogit-"))
            #expect(unique.errorText.contains("warning: git does not tell the commit of "))
            #expect(unique.errorText.contains(cure))

            let policy = ["DEVCLUSTER_TAG_POLICY": "gitCommit"]
            let named = try await world.devcluster("build", environment: policy, folder: "git")
            #expect(named.exit == .code(1), "\(named.errorText)")
            #expect(named.errorText.contains("dubious ownership"))
            #expect(named.errorText.contains("hint: \(cure)"))
            #expect(!named.errorText.contains("no git repository"))

            try world.write("git/www/index.html", "trusted \(world.cluster)")
            try world.write(
                "gitconfig", "[safe]\n\tdirectory = \(world.folder)/git\n")
            let trusted = try await world.devcluster(
                "build",
                environment: policy.merging([
                    "GIT_CONFIG_GLOBAL": "\(world.folder)/gitconfig"
                ]) { $1 }, folder: "git")
            #expect(trusted.exit == .code(0), "\(trusted.errorText)")
            #expect(trusted.text.contains("/web:git-\(commit)-dirty"), "\(trusted.text)")
            try await world.shell("rm -r \"$FOLDER/git\" \"$FOLDER/git-other\"")
        }

        @Test func `an image in a custom resource is replaced, also where only a path says so`()
            async throws
        {
            let world = try LiveWorld.current
            let group = "\(world.cluster).v.example.com"
            try configure(
                world, "v-image",
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: connects.\(group)}
                spec:
                  group: \(group)
                  scope: Namespaced
                  names: {kind: Connect, plural: connects, singular: connect}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema:
                      openAPIV3Schema:
                        {type: object, properties: {spec:
                          {type: object, x-kubernetes-preserve-unknown-fields: true}}}
                ---
                apiVersion: \(group)/v1
                kind: Connect
                metadata: {name: connector}
                spec: {image: web, runs: [{with: web}], queue: web}
                """)
            let file = "\(world.folder)/app/devcluster.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try text.replacing(
                "images: [{name: web,",
                with:
                    "images: [{name: web, paths: [{kind: Connect, jsonPath: '.spec.runs[*].with'}],"
            ).write(toFile: file, atomically: true, encoding: .utf8)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(3), "no pod runs it: \(deploy.text)\(deploy.errorText)")
            #expect(deploy.errorText.contains("no pod runs it yet"))
            let spec = try await world.kubectl(
                "get", "connects.\(group)", "connector", "-n", "v-image", "-o",
                "jsonpath={.spec.image} {.spec.runs[0].with} {.spec.queue}")
            let words = spec.split(separator: " ").map(String.init)
            #expect(words.count == 3 && words[0] == words[1] && words[2] == "web", "\(spec)")
            #expect(words[0].hasPrefix("localhost:\(world.registryPort)/web:dev-"))

            let again = try await world.devcluster("deploy", "--dry-run")
            #expect(again.text.contains("# Connect.\(group)/connector  spec.image: web → local"))
            try await world.kubectl("delete", "crd", "connects.\(group)")
            try await world.kubectl("delete", "namespace", "v-image", "--wait=false")
        }

        @Test func `half-rendered text is told with the entry that renders it`() async throws {
            let world = try LiveWorld.current
            let manifest = deployment("web").replacing(
                "image: web", with: "image: '${HOST}/web:${TAG}'")
            try configure(world, "v-template", manifest)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(64), "\(deploy.errorText)")
            #expect(deploy.errorText.contains("envsubst"), "\(deploy.errorText)")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `a cluster that is made under a proxy pulls from the registry without it`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "v-proxy")
            let second = SecondCluster(world)
            let proxy = [
                "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9",
                "NO_PROXY": "localhost,127.0.0.1",
            ]
            let up = try await second.run(["up"], proxy)
            #expect(up.succeeded, "\(up.errorText)")
            let deploy = try await second.run(["deploy"], proxy)
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            let variables = try await world.engine(
                "inspect", "--format", "{{.Config.Env}}", "\(second.name)-control-plane")
            #expect(variables.contains("HTTP_PROXY=http://127.0.0.1:9"))
            try await second.run(["down", "--data", "--yes"]).checked()
        }
    }
}
