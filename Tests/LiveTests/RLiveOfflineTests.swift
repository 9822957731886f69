import ChildProcess
import Foundation
import Testing

extension Live {
    /// Images of other registries, when those cannot be reached.
    @Suite(.serialized) struct R_Offline {
        @Test func `a mirror serves what it cached when the registry is gone`() async throws {
            let world = try LiveWorld.current
            let upstream = "\(world.cluster)-upstream"
            // A registry of somebody else: one word as its name, so without TLS.
            try await world.shell(
                """
                $ENGINE run -d --name \(upstream) --network kind --publish 127.0.0.1:$OTHER_PORT:5000 \
                  $REGISTRY_IMAGE && until curl -fsS http://127.0.0.1:$OTHER_PORT/v2/; do sleep 0.1; done
                mkdir -p $FOLDER/upstream && echo $CLUSTER >$FOLDER/upstream/own
                printf 'FROM %s\\nCOPY own /own\\n' $BASE_IMAGE >$FOLDER/upstream/Containerfile
                $ENGINE build -q -t localhost:$OTHER_PORT/team/tool:1 \
                  -f $FOLDER/upstream/Containerfile $FOLDER/upstream
                $PUSH localhost:$OTHER_PORT/team/tool:1
                """)
            try world.configure("  namespace: default")
            let path = "\(world.folder)/app/devcluster.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacing(
                "volume: \(world.registry)-data",
                with: "volume: \(world.registry)-data, mirrors: [\"\(upstream):5000\"]"
            ).write(toFile: path, atomically: true, encoding: .utf8)
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            #expect(up.text.contains("mirror of \(upstream):5000 created"))

            let image = "\(upstream):5000/team/tool:1"
            try await world.shell("$ENGINE exec $WORKER crictl pull \(image)")
            // A mirror hands on what it gets, and keeps it a moment later: manifest, configuration
            // and the layer that no node has from another image.
            try await world.shell(
                """
                blobs() { $ENGINE exec "$1" find /var/lib/registry/docker -name data | wc -l; }
                until [ "$(blobs $REGISTRY-mirror-\(upstream)-5000)" -ge 3 ]; do sleep 0.2; done
                """)
            try await world.shell("$ENGINE stop -t 0 \(upstream)")
            try await world.shell(
                "$ENGINE exec $WORKER crictl rmi \(image); $ENGINE exec $WORKER crictl pull \(image)"
            )
            let pod = try await world.shell(
                "kubectl --context kind-$CLUSTER run cached --image \(image) --restart Never"
                    + " --image-pull-policy Always -- true && kubectl --context kind-$CLUSTER wait"
                    + " --for=jsonpath='{.status.phase}'=Succeeded pod/cached --timeout=60s")
            #expect(pod.contains("condition met"))

            // Without the cache containerd asks the registry itself.
            try await world.shell(
                "$ENGINE start \(upstream); $ENGINE stop -t 0 $REGISTRY-mirror-\(upstream)-5000;"
                    + " $ENGINE exec $WORKER crictl rmi \(image);"
                    + " until $ENGINE exec $WORKER crictl pull \(image); do sleep 1; done")
            let again = try await world.devcluster("up")
            #expect(again.text.contains("mirror of \(upstream):5000 recreated"), "\(again.text)")
            try world.configure("  namespace: default")
            try await world.shell(
                """
                kubectl --context kind-$CLUSTER delete pod cached --wait=false
                $REMOVE -v \(upstream) $REGISTRY-mirror-\(upstream)-5000
                $ENGINE volume rm $REGISTRY-mirror-\(upstream)-5000-data
                $ENGINE exec $WORKER rm -r /etc/containerd/certs.d/\(upstream):5000
                """)
        }

        @Test func `preloaded images start without their registry, also on a new node`()
            async throws
        {
            let world = try LiveWorld.current
            let image = "unreachable.example/team/tool:1"
            try await world.engine("tag", LiveWorld.baseImage, image)
            try world.configure("  namespace: default\n  preload: [\(image)]")
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            #expect(up.text.contains("preloaded \(image)"))
            // From now on only our registry has it.
            try await world.engine("rmi", image)
            try await world.shell(
                "kubectl --context kind-$CLUSTER create deployment preloaded --image \(image)"
                    + " -- sleep 9999; kubectl --context kind-$CLUSTER rollout status"
                    + " deployment/preloaded --timeout=60s")
            try await world.shell(
                "kubectl --context kind-$CLUSTER delete deployment preloaded;"
                    + " until $ENGINE exec $WORKER crictl rmi \(image); do sleep 1; done")
            let again = try await world.devcluster("registry", "preload")
            #expect(again.succeeded, "\(again.errorText)")
            #expect(again.text.contains("loaded on \(world.cluster)-worker"), "\(again.text)")
            #expect(!again.text.contains("copied"))
            let nothing = try await world.devcluster("up")
            #expect(nothing.text.contains("nothing had to be changed"))
            try world.configure("  namespace: default")
        }
    }
}
