import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct D_VerifyFix {
        /// A workload on both nodes, the control plane's taint included.
        private static func agent(_ name: String, image: String, strategy: String) -> String {
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: \(name)}
            spec:
              selector: {matchLabels: {app: \(name)}}
              updateStrategy: {type: \(strategy)}
              template:
                metadata: {labels: {app: \(name)}}
                spec:
                  terminationGracePeriodSeconds: 0
                  tolerations: [{operator: Exists}]
                  containers:
                  - {name: main, image: "\(image)", imagePullPolicy: IfNotPresent,
                     command: [sleep, "100000"]}

            """
        }

        /// All names of images on a node.
        private func names(_ node: String, _ world: LiveWorld) async throws -> Set<String> {
            let text = try await world.inside(
                "\(world.cluster)-\(node)", "crictl", "images", "-o", "json")
            let list = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let images = try #require(list["images"] as? [[String: Any]])
            return Set(
                images.flatMap {
                    ($0["repoTags"] as? [String] ?? []) + ($0["repoDigests"] as? [String] ?? [])
                })
        }

        private func pods(_ app: String, _ world: LiveWorld) async throws -> Set<String> {
            let text = try await world.kubectl(
                "get", "pods", "-n", "fix", "-l", "app=\(app)", "-o",
                "jsonpath={range .items[*]}{.metadata.uid} {end}")
            return Set(text.split(separator: " ").map(String.init))
        }

        private func apply(_ text: String, _ world: LiveWorld) async throws {
            try await world.kubectl("apply", "-n", "fix", "-f", "-", input: text)
        }

        @Test func `a stale tag leaves just its nodes, and just its pods are replaced`()
            async throws
        {
            let world = try LiveWorld.current
            let forms = ImageForms(world: world)
            try world.configure("  namespace: fix")
            _ = try? await world.kubectl("create", "namespace", "fix")
            try await forms.push("fix-1", "reused-fix:1")
            try await forms.push("fix-other", "other-fix:1")
            let image = "\(forms.host)/reused-fix:1"
            try await apply(
                Self.agent("rolling", image: image, strategy: "RollingUpdate")
                    + "---\n" + Self.agent("ondelete", image: image, strategy: "OnDelete")
                    + "---\n"
                    + Self.agent(
                        "other", image: "\(forms.host)/other-fix:1", strategy: "RollingUpdate"),
                world)
            for name in ["rolling", "other"] {
                try await world.kubectl(
                    "rollout", "status", "-n", "fix", "daemonset/\(name)", "--timeout=120s")
            }
            try await world.eventually("ondelete runs") {
                try await world.kubectl(
                    "get", "daemonset", "ondelete", "-n", "fix", "-o",
                    "jsonpath={.status.numberReady}"
                ) == "2"
            }
            try await forms.push("fix-2", "reused-fix:1")
            let nodes = ["control-plane", "worker"]
            var before: [String: Set<String>] = [:]
            for node in nodes { before[node] = try await names(node, world) }
            let others = try await pods("other", world)
            let stale = try await world.devcluster("verify-image")
            #expect(stale.exit == .code(2), "\(stale.text)")

            let fixed = try await world.devcluster("verify-image", "--fix")
            #expect(fixed.exit == .code(0), "\(fixed.errorText)\n\(fixed.text)")
            for node in nodes {
                #expect(fixed.text.contains("removed \(image) from \(world.cluster)-\(node)"))
                let after = try await names(node, world)
                let gone = try #require(before[node]).subtracting(after)
                // The tag stands for the new image now; names of the old one may have gone.
                #expect(gone.allSatisfy { $0.hasPrefix("\(forms.host)/reused-fix") }, "\(gone)")
            }
            #expect(try await pods("other", world) == others)
            let again = try await world.devcluster("verify-image", "--fix")
            #expect(again.exit == .code(0))
            #expect(!again.text.contains("replaced"))
            try await world.kubectl("delete", "namespace", "fix", "--wait=false")
        }

        @Test func `a digest that another tool pinned is taken out, a bare pod is left and named`()
            async throws
        {
            let world = try LiveWorld.current
            let forms = ImageForms(world: world)
            try world.configureWeb(namespace: "pinned")
            _ = try? await world.kubectl("create", "namespace", "pinned")
            try await forms.push("pin-1", "pin:latest")
            let pinned = "\(forms.host)/pin:latest@\(try await forms.digest("pin:latest"))"
            try await world.kubectl(
                "apply", "-n", "pinned", "-f", "-",
                input: """
                    apiVersion: apps/v1
                    kind: StatefulSet
                    metadata: {name: db}
                    spec:
                      serviceName: db
                      selector: {matchLabels: {app: db}}
                      template:
                        metadata: {labels: {app: db}}
                        spec:
                          terminationGracePeriodSeconds: 0
                          containers:
                          - {name: main, image: "\(pinned)", command: [sleep, "100000"]}
                    ---
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: bare}
                    spec:
                      terminationGracePeriodSeconds: 0
                      containers:
                      - {name: main, image: "\(pinned)", command: [sleep, "100000"]}

                    """)
            try await world.kubectl(
                "rollout", "status", "-n", "pinned", "statefulset/db", "--timeout=120s")
            try await world.kubectl(
                "wait", "-n", "pinned", "--for=condition=Ready", "pod/bare", "--timeout=60s")
            try await forms.push("pin-2", "pin:latest")
            let fixed = try await world.devcluster("verify-image", "--fix")
            // The bare pod is still stale.
            #expect(fixed.exit == .code(2), "\(fixed.errorText)\n\(fixed.text)")
            #expect(
                fixed.text.contains(
                    "unpinned pinned/statefulset/db: main=\(forms.host)/pin:latest\n"))
            #expect(fixed.text.contains("left pinned/bare/main: nothing would bring the pod back"))
            let image = try await world.kubectl(
                "get", "statefulset", "db", "-n", "pinned", "-o",
                "jsonpath={.spec.template.spec.containers[0].image}")
            #expect(image == "\(forms.host)/pin:latest")
            let db = try await world.devcluster("verify-image", "statefulset/db")
            #expect(db.exit == .code(0), "\(db.text)")
            try await world.kubectl("delete", "namespace", "pinned", "--wait=false")
        }

        @Test func `a watched rollout ends with the last pod`() async throws {
            let world = try LiveWorld.current
            let forms = ImageForms(world: world)
            try world.configureWeb(namespace: "watched")
            _ = try? await world.kubectl("create", "namespace", "watched")
            try await forms.push("watch-1", "watched:1")
            try await forms.push("watch-2", "watched:2")
            // The old pod stays until the new one has been ready for long enough to be looked at.
            let manifest = LiveWorld.webManifest(image: "\(forms.host)/watched:1")
                .replacing(
                    "readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}", with: ""
                )
                .replacing(
                    "spec:\n  selector: {m", with: "spec:\n  minReadySeconds: 6\n  selector: {m")
            try await world.kubectl("apply", "-n", "watched", "-f", "-", input: manifest)
            try await world.kubectl(
                "rollout", "status", "-n", "watched", "deployment/web", "--timeout=60s")
            try await world.kubectl(
                "set", "image", "-n", "watched", "deployment/web", "web=\(forms.host)/watched:2")
            let now = try await world.devcluster("verify-image")
            #expect(now.exit != .code(0))
            let watched = try await world.devcluster("verify-image", "--watch")
            #expect(watched.exit == .code(0), "\(watched.errorText)")
            #expect(watched.text.contains("watched:2"))
            try await world.kubectl("delete", "namespace", "watched", "--wait=false")
        }
    }
}
