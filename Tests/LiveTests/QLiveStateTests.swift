import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// `up` from every state with a single fault; `docs/states.md` says what is to become of each.
    @Suite(.serialized) struct Q_States {
        /// Something that is broken by hand, and what `up` says it did about it.
        struct Fault: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var said: String
            /// A script for sh, with the names that `variables` gives.
            var script: String

            init(_ name: String, says said: String, _ script: String) {
                testDescription = name
                self.said = said
                self.script = script
            }
        }

        /// `run` makes the registry's container as `up` does, but for what is named after it.
        private static let run = """
            run() {
              $REMOVE "$REGISTRY" >/dev/null
              $ENGINE $VERB --name "$REGISTRY" ${NET---network kind} \\
                --publish "${PUBLISH-127.0.0.1:$PORT:5000}" \\
                --volume "${STORE-$REGISTRY-data}:/var/lib/registry" \\
                ${DELETE---env REGISTRY_STORAGE_DELETE_ENABLED=true} \\
                --label devcluster.dev/managed=true "${IMAGE-$REGISTRY_IMAGE}"
            }
            VERB="run --detach"; set -e

            """

        private static let registryFaults = [
            Fault("missing", says: "created", "$REMOVE $REGISTRY"),
            Fault("exited", says: "started", "$ENGINE stop -t 0 $REGISTRY"),
            Fault("paused", says: "unpaused", "$ENGINE pause $REGISTRY"),
            Fault("created", says: "started", "VERB=create; run"),
            Fault(
                "off the network", says: "not on the network",
                "$ENGINE network disconnect kind $REGISTRY"),
            Fault(
                "another port", says: "does not publish just",
                "PUBLISH=127.0.0.1:$OTHER_PORT:5000; run"),
            Fault("every address", says: "does not publish just", "PUBLISH=$PORT:5000; run"),
            Fault(
                "another image", says: "it runs localhost/",
                "$ENGINE tag $REGISTRY_IMAGE localhost/$REGISTRY-image:1;"
                    + " IMAGE=localhost/$REGISTRY-image:1; run"),
            Fault("no deleting", says: "does not allow deleting", "DELETE=; run"),
            Fault(
                "stopped, and its port taken by another port of its own",
                says: "does not publish just",
                "PUBLISH=127.0.0.1:$OTHER_PORT:5000; run; $ENGINE stop -t 0 $REGISTRY"),
            Fault(
                "hung", says: "it does not answer",
                "$ENGINE kill --signal STOP $REGISTRY"),
            Fault(
                "a prune that was killed", says: "started",
                "$ENGINE stop -t 0 $REGISTRY; $ENGINE create --name $REGISTRY-garbage-collection"
                    + " --volume $REGISTRY-data:/var/lib/registry $REGISTRY_IMAGE"),
        ]

        /// In the normal run only these: each costs ten seconds or more.
        private static let common = [
            "exited", "another port", "hung", "a node paused", "the kubeconfig entry elsewhere",
            "a stale config.lock, and the entry gone", "the state folder lost",
        ]

        private static func chosen(_ faults: [Fault]) -> [Fault] {
            LiveWorld.isLong ? faults : faults.filter { common.contains($0.testDescription) }
        }

        @Test(arguments: chosen(registryFaults))
        func `the registry is mended and has its images`(_ fault: Fault) async throws {
            let world = try LiveWorld.current
            try await push("marker:1", world)
            let ids = try await nodeIDs(world)
            try await world.shell(Self.run + fault.script)
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            #expect(up.text.contains(fault.said), "\(up.text)")
            #expect(up.text.contains("registry"))
            try await expectRight(world)
            #expect(try await nodeIDs(world) == ids)
            if fault.testDescription.contains("prune") {
                try await world.shell("$REMOVE $REGISTRY-garbage-collection")
            }
        }

        @Test(.enabled(if: LiveWorld.isLong), arguments: ["anonymous", "folder"])
        func `a registry keeps whatever storage it has`(_ kind: String) async throws {
            let world = try LiveWorld.current
            // Filled through a registry on the other storage, which also has a fault.
            let folder = "\(world.folder)/registry-folder"
            // What the engine names itself is 64 hexadecimal digits.
            let volume = (0..<64).map { _ in "0123456789abcdef".randomElement().map(String.init)! }
                .joined()
            let store = "STORE=" + (kind == "folder" ? folder : volume)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try await world.shell(Self.run + "\(store); DELETE=; run")
            try await world.eventually("it answers", within: .seconds(10)) {
                (try? await world.shell("curl -fsS http://127.0.0.1:$PORT/v2/")) != nil
            }
            try await world.shell(
                "$ENGINE tag $BASE_IMAGE localhost:$PORT/marker:1;"
                    + " $PUSH localhost:$PORT/marker:1")
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            try await expectRight(world)
            let mounts = try await world.engine(
                "inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Name}}{{.Source}}{{end}}",
                world.registry)
            #expect(mounts.contains(kind == "folder" ? folder : volume))
            try await world.shell(Self.run + "run")
            _ = try? await world.engine("volume", "rm", volume)
        }

        @Test func `a container of others is named, and replaced only when told`() async throws {
            let world = try LiveWorld.current
            try await push("marker:1", world)
            try await world.shell(
                "$REMOVE $REGISTRY; $ENGINE run -d --name $REGISTRY $BASE_IMAGE sleep 9999"
            )
            let refused = try await world.devcluster("up")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("which is no registry"))
            #expect(refused.errorText.contains("--replace-foreign"))
            let ps = try await world.containers()
            #expect(ps.contains(world.registry))
            let up = try await world.devcluster("up", "--replace-foreign")
            #expect(up.succeeded, "\(up.errorText)")
            try await expectRight(world)
        }

        @Test func `a process on its port is named, and nothing is touched before`() async throws {
            let world = try LiveWorld.current
            try await world.shell("$ENGINE stop -t 0 $REGISTRY")
            let script = "exec python3 -m http.server --bind 127.0.0.1 \(world.registryPort)"
            let process = try spawnDetached(
                "sh", ["-c", script], environment: [:], output: "\(world.folder)/holder.log")
            try await world.eventually("the port is taken", within: .seconds(10)) {
                (try? await world.shell("curl -s http://127.0.0.1:$PORT/")) != nil
            }
            let refused = try await world.devcluster("up")
            await process.end()
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("process \(process.pid)"), "\(refused.errorText)")
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            try await expectRight(world)
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `a registry whose volume was deleted is made anew, and said to be empty`() async throws
        {
            let world = try LiveWorld.current
            let ids = try await nodeIDs(world)
            try await world.shell("$REMOVE $REGISTRY; $ENGINE volume rm $REGISTRY-data")
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            #expect(up.text.contains("registry created, empty"), "\(up.text)")
            #expect(try await nodeIDs(world) == ids)
            try await push("marker:1", world)
            try await expectRight(world)
        }

        private static let clusterFaults = [
            Fault("a node stopped", says: "started", "$ENGINE stop -t 2 $WORKER"),
            Fault("a node paused", says: "unpaused", "$ENGINE pause $WORKER"),
            Fault("the control plane paused", says: "unpaused", "$ENGINE pause $CONTROL_PLANE"),
            Fault(
                "a node off the network", says: "connected",
                "$ENGINE network disconnect kind $WORKER"),
            Fault(
                "the network deleted", says: "made the network 'kind' anew",
                "for name in $WORKER $CONTROL_PLANE $REGISTRY; do"
                    + " $ENGINE network disconnect kind $name; done; $ENGINE network rm kind"),
            Fault(
                "hosts.toml gone on one node", says: "restored",
                "$ENGINE exec $WORKER rm -r /etc/containerd/certs.d"),
            Fault(
                "hosts.toml wrong on one node", says: "restored",
                "$ENGINE exec $WORKER sh -c 'for file in /etc/containerd/certs.d/*/hosts.toml; do"
                    + " sed -i s/5000/5999/ $file; done'"),
            Fault(
                "the kubeconfig entry gone", says: "restored the kubeconfig's entry",
                "kubectl config delete-context kind-$CLUSTER;"
                    + " kubectl config delete-cluster kind-$CLUSTER"),
            Fault(
                "the kubeconfig entry elsewhere", says: "restored the kubeconfig's entry",
                "kubectl config set-cluster kind-$CLUSTER --server=https://127.0.0.1:1"),
            Fault(
                "the context leading elsewhere", says: "restored the kubeconfig's entry",
                "kubectl config set-context kind-$CLUSTER --cluster=none"),
            Fault(
                "another key in the kubeconfig", says: "restored the kubeconfig's entry",
                "kubectl config set users.kind-$CLUSTER.client-key-data bm9uZQ=="),
            Fault(
                "another certificate in the kubeconfig", says: "restored the kubeconfig's entry",
                "kubectl config unset users.kind-$CLUSTER.client-certificate-data"),
            Fault(
                "our own kubeconfig gone, a node stopped", says: "started",
                "rm $STATE/clusters/$ENGINE-$CLUSTER/kubeconfig; $ENGINE stop -t 2 $WORKER"),
            Fault(
                "a stale config.lock, and the entry gone", says: "removed the stale",
                "touch -d '1 minute ago' $KUBECONFIG.lock;"
                    + " sed -i s/kind-$CLUSTER/gone/g $KUBECONFIG"),
            Fault(
                "the ConfigMaps gone", says: "restored",
                "kubectl --context kind-$CLUSTER -n kube-public delete configmap"
                    + " local-registry-hosting devcluster"),
            Fault(
                "the state folder lost", says: "restored",
                "rm -rf $STATE/clusters/$ENGINE-$CLUSTER || rm -rf $STATE/clusters/$ENGINE-$CLUSTER"
            ),
        ]

        @Test(arguments: chosen(clusterFaults))
        func `the cluster is mended and what is in it stays`(_ fault: Fault) async throws {
            try await mend(fault)
        }

        private static let slowFaults = [
            Fault(
                "everything stopped", says: "started",
                "$ENGINE stop -t 2 $WORKER $CONTROL_PLANE $REGISTRY"),
            Fault(
                "a kubelet stopped", says: "restarted",
                "$ENGINE exec $WORKER systemctl stop kubelet;"
                    + " until kubectl --context kind-$CLUSTER get nodes | grep NotReady;"
                    + " do sleep 1; done"),
            Fault(
                "the API server dead", says: "restarted",
                "$ENGINE exec $CONTROL_PLANE sh -c 'systemctl stop kubelet;"
                    + " pkill -KILL kube-apiserver'"),
            Fault(
                "containerd dead", says: "restarted",
                "$ENGINE exec $WORKER systemctl stop containerd kubelet"),
        ]

        @Test(.enabled(if: LiveWorld.isLong), arguments: slowFaults)
        func `a node that does not come by itself is restarted`(_ fault: Fault) async throws {
            try await mend(fault)
        }

        private func mend(_ fault: Fault) async throws {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            try await push("marker:1", world)
            _ = try? await world.kubectl("create", "configmap", "kept")
            let ids = try await nodeIDs(world)
            try await world.shell(fault.script)
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            #expect(up.text.contains(fault.said), "\(up.text)")
            try await expectRight(world)
            #expect(try await nodeIDs(world) == ids)
            try await world.kubectl("get", "configmap", "kept")
        }

        @Test func `what the file states and the cluster was not made with is shown`() async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            let path = "\(world.folder)/app/devcluster.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacing("workers: 1", with: "workers: 2").write(
                toFile: path, atomically: true, encoding: .utf8)
            let up = try await world.devcluster("up")
            try world.configure("  namespace: default")
            #expect(up.exit == .code(2))
            #expect(up.text.contains("spec.cluster.workers\n    - 1  (the cluster)\n    + 2"))
            #expect(try await world.devcluster("up").exit == .code(0))
        }

        @Test func `stop keeps everything, and up resumes it`() async throws {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            try await push("marker:1", world)
            let ids = try await nodeIDs(world)
            let stop = try await world.devcluster("stop")
            #expect(stop.succeeded, "\(stop.errorText)")
            let running = try await world.containers()
            let ours = ["registry", "control-plane", "worker"].map { "\(world.cluster)-\($0)" }
            #expect(running.isDisjoint(with: ours))
            let again = try await world.devcluster("stop")
            #expect(again.text.contains("nothing to stop"))
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            #expect(up.text.contains("registry started"))
            #expect(try await nodeIDs(world) == ids)
            try await expectRight(world)
        }

        /// An image in the registry that must survive.
        private func push(_ name: String, _ world: LiveWorld) async throws {
            // Whatever an earlier case left.
            try await world.devcluster("up").checked()
            let reference = "localhost:\(world.registryPort)/\(name)"
            try await world.engine("tag", LiveWorld.baseImage, reference)
            try await world.push(reference)
        }

        private func nodeIDs(_ world: LiveWorld) async throws -> String {
            try await world.engine(
                "ps", "--all", "--no-trunc", "--quiet", "--filter",
                "label=io.x-k8s.kind.cluster=\(world.cluster)")
        }

        /// Registry, images, pulls on every node, and an `up` that finds nothing to do.
        private func expectRight(_ world: LiveWorld) async throws {
            let registry = try await world.shell(
                "curl -fsS -o /dev/null -w '%{http_code}' http://127.0.0.1:$PORT/v2/marker/manifests/1"
                    + " -H 'Accept: application/vnd.oci.image.manifest.v1+json'"
                    + " -H 'Accept: application/vnd.docker.distribution.manifest.v2+json'")
            #expect(registry == "200")
            for node in ["control-plane", "worker"] {
                try await world.shell(
                    "$ENGINE exec $CLUSTER-\(node) crictl rmi localhost:$PORT/marker:1 || true;"
                        + " $ENGINE exec $CLUSTER-\(node) crictl pull localhost:$PORT/marker:1")
            }
            let up = try await world.devcluster("up", "--json")
            let report = try #require(try result(up)["report"] as? [String: Any])
            #expect(report["changes"] as? [String] == [], "\(up.text)")
        }
    }
}
