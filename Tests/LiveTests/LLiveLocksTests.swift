import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct L_Locks {
        /// A single writer that locks its data as mongod does, and ends with its words: a static
        /// program, made with the C compiler that comes with Swift.
        private static let source = """
            #include <errno.h>
            #include <fcntl.h>
            #include <signal.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/file.h>
            #include <unistd.h>
            static void end(int signal) { _exit(0); }
            int main(void) {
                int lock = open("/data/db/mongod.lock", O_RDWR | O_CREAT, 0644);
                if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
                    printf("{\\"s\\":\\"E\\",\\"c\\":\\"CONTROL\\",\\"id\\":20557,\\"ctx\\":"
                           "\\"initandlisten\\",\\"msg\\":\\"DBException in initAndListen, terminating\\","
                           "\\"attr\\":{\\"error\\":\\"DBPathInUse: Unable to lock the lock file: "
                           "/data/db/mongod.lock (%s). Another mongod instance is already running "
                           "on the /data/db directory\\"}}\\n", strerror(errno));
                    return 100;
                }
                signal(SIGTERM, end);
                close(open("/tmp/ready", O_RDWR | O_CREAT, 0644));
                for (;;) pause();
            }

            """

        private static func manifest(image: String, round: String) -> String {
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: mongodb}
            spec:
              selector: {matchLabels: {app: mongodb}}
              template:
                metadata: {labels: {app: mongodb}, annotations: {round: "\(round)"}}
                spec:
                  terminationGracePeriodSeconds: 5
                  containers:
                  - name: mongod
                    image: \(image)
                    imagePullPolicy: IfNotPresent
                    readinessProbe: {exec: {command: [test, -f, /tmp/ready]}, periodSeconds: 1}
                    volumeMounts: [{name: data, mountPath: /data/db}]
                  volumes:
                  - {name: data, hostPath: {path: /var/lib/mongo-test, type: DirectoryOrCreate}}

            """
        }

        private func prepare(_ world: LiveWorld, round: String) async throws {
            try world.configure(
                """
                  namespace: locks
                  images: [{name: mongodb, context: mongod, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                  manifests: [mongodb.yaml]
                  timeouts: {rollout: 90s}
                """)
            let folder = "\(world.folder)/app/mongod"
            if !FileManager.default.fileExists(atPath: "\(folder)/mongod") {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
                try world.write("app/mongod/mongod.c", Self.source)
                try await world.tool(
                    "clang", "-static", "-O1", "\(folder)/mongod.c", "-o", "\(folder)/mongod")
                try world.write(
                    "app/mongod/Containerfile",
                    "ARG BASE\nFROM ${BASE}\nCOPY mongod /usr/bin/mongod\nCMD [\"/usr/bin/mongod\"]\n"
                )
            }
            try write(world, round)
        }

        private func write(_ world: LiveWorld, _ round: String) throws {
            try world.write("app/mongodb.yaml", Self.manifest(image: "mongodb", round: round))
        }

        private func get(_ world: LiveWorld, _ path: String) async throws -> String {
            try await world.kubectl(
                "get", "deployment", "mongodb", "-n", "locks", "-o", "jsonpath={\(path)}")
        }

        @Test func `a deploy replaces a single writer, and leaves an unchanged one alone`()
            async throws
        {
            let world = try LiveWorld.current
            try await prepare(world, round: "0")
            try await world.devcluster("deploy").checked()
            for round in 1...(LiveWorld.isLong ? 20 : 3) {
                try write(world, "\(round)")
                let deploy = try await world.devcluster("deploy")
                #expect(deploy.exit == .code(0), "round \(round): \(deploy.errorText)")
                #expect(deploy.text.contains("lock cleared (its template changes)"))
            }
            let pods = try await world.kubectl("get", "pods", "-n", "locks", "-o", "name")
            let again = try await world.devcluster("deploy")
            #expect(again.exit == .code(0), "\(again.errorText)")
            #expect(!again.text.contains("lock cleared"))
            #expect(try await world.kubectl("get", "pods", "-n", "locks", "-o", "name") == pods)
        }

        @Test func `kubectl apply runs into the lock, which is named and cleared`() async throws {
            let world = try LiveWorld.current
            try await prepare(world, round: "a")
            try await world.devcluster("deploy").checked()
            let image = try await get(world, ".spec.template.spec.containers[0].image")
            try await world.kubectl(
                "apply", "-n", "locks", "-f", "-",
                input: Self.manifest(image: image, round: "by hand"))
            try await world.eventually("the new pod runs into the lock") {
                try await world.devcluster("locks", "list").exit == .code(2)
            }
            let list = try await world.devcluster("locks", "list")
            #expect(list.text.contains("DBPathInUse: Unable to lock the lock file"))
            #expect(list.text.contains("strategy: {type: Recreate}"))
            let clear = try await world.devcluster("locks", "clear")
            #expect(clear.exit == .code(0), "\(clear.errorText)")
            #expect(try await world.devcluster("locks", "list").exit == .code(0))
        }

        @Test func `killed between scaling down and up, the next deploy gives the pods back`()
            async throws
        {
            let world = try LiveWorld.current
            try await prepare(world, round: "b")
            try await world.devcluster("deploy").checked()
            try write(world, "killed")
            let process = try spawnDetached(
                "sh", ["-c", "cd \(world.folder)/app && exec \(LiveWorld.executable) deploy"],
                environment: world.environment, output: "\(world.folder)/killed.log")
            try await world.eventually("it is scaled to 0") {
                try await get(world, ".spec.replicas") == "0"
            }
            process.send(SIGKILL)
            try await world.eventually("it is dead") { !process.isAlive }
            #expect(try await get(world, ".spec.replicas") == "0")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(try await get(world, ".status.readyReplicas") == "1")
            #expect(try await get(world, ".metadata.annotations.devcluster\\.dev/replicas") == "")
            try await world.kubectl("delete", "namespace", "locks", "--wait=false")
        }
    }
}
