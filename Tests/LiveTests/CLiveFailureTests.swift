import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    @Suite(.serialized) struct C_Failures {
        @Test func `a build that fails shows its last lines and leaves the cluster untouched`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "untouched")
            try world.write(
                "app/Containerfile", "ARG BASE\nFROM ${BASE}\nRUN echo the reason; exit 7\n")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(1))
            #expect(deploy.errorText.contains("the build of image 'web' failed"))
            #expect(deploy.errorText.contains("the reason"))
            let namespaces = try await world.kubectl("get", "namespaces", "-o", "name")
            #expect(!namespaces.contains("untouched"))
        }

        @Test func `a push to a registry that is down fails with the way to mend it`() async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try await world.stop(world.registry, after: 0)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(1))
            #expect(deploy.errorText.contains("registry"))
            #expect(deploy.errorText.contains("hint: devcluster up"))
            try await world.devcluster("up").checked()
            try await world.devcluster("deploy").checked()
        }

        @Test func `an image that the registry does not have ends the wait at once`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "missing")
            let other = "localhost:\(world.registryPort)/other:gone"
            try world.write(
                "app/web.yaml",
                LiveWorld.webManifest(image: "web").replacingOccurrences(
                    of: "      containers:\n",
                    with: "      containers:\n      - {name: other, image: \"\(other)\"}\n"))
            let start = ContinuousClock.now
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(1))
            #expect(deploy.errorText.contains("the registry has no other:gone"))
            #expect(ContinuousClock.now - start < .seconds(60))
            try await world.kubectl("delete", "namespace", "missing", "--wait=false")
        }

        @Test func `a rollout that does not end is given up at its deadline`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "never-ready")
            try world.write(
                "app/web.yaml",
                LiveWorld.webManifest(image: "web").replacingOccurrences(
                    of: "port: 8080}", with: "port: 8081}"))
            let deploy = try await world.devcluster(
                "deploy", environment: ["DEVCLUSTER_TIMEOUTS_ROLLOUT": "6s"])
            #expect(deploy.exit == .code(75))
            #expect(deploy.errorText.contains("not rolled out after 6s: deployment/web"))
            try await world.kubectl("delete", "namespace", "never-ready", "--wait=false")
        }

        @Test func `a port that somebody else holds is reported with its holder`() async throws {
            let world = try LiveWorld.current
            let port = freePort()
            let holder = try spawnDetached(
                "python3", ["-m", "http.server", "--bind", "127.0.0.1", "\(port)"])
            try await world.eventually("the port is taken") {
                (try? await world.tool("curl", "-s", "http://127.0.0.1:\(port)/")) != nil
            }
            try world.configureWeb(namespace: "plain")
            let up = try await world.devcluster(
                "up",
                environment: [
                    "DEVCLUSTER_REGISTRY_PORT": "\(port)",
                    "DEVCLUSTER_REGISTRY_NAME": "\(world.registry)-two",
                ])
            #expect(up.exit == .code(1))
            #expect(up.errorText.contains("port \(port)"))
            #expect(up.errorText.contains("process \(holder.pid)"))
            await holder.end()
        }

        @Test func `a cluster and a container of others are neither changed nor deleted`()
            async throws
        {
            let world = try LiveWorld.current
            let image = LiveWorld.registryImage
            let foreign = "\(world.cluster)-x"
            try await world.engine(
                "run", "-d", "--name", "\(foreign)-control-plane", "--label",
                "io.x-k8s.kind.cluster=\(foreign)", image)
            for command in ["up", "down"] {
                let outcome = try await world.devcluster(
                    command, "--yes", environment: ["DEVCLUSTER_NAME": foreign])
                #expect(outcome.exit == .code(1))
                #expect(outcome.errorText.contains("was not made by devcluster"))
            }
            let running = try await world.containers()
            #expect(running.contains("\(foreign)-control-plane"))
            try await world.remove("\(foreign)-control-plane", volumes: true)
        }

        @Test func `a registry made by kind's own script is adopted with its images`() async throws
        {
            let world = try LiveWorld.current
            let image = LiveWorld.registryImage
            let (name, port) = ("\(world.cluster)-kind-registry", freePort())
            try await world.engine(
                "run", "-d", "--restart=always", "-p", "127.0.0.1:\(port):5000",
                "--network", "bridge", "-v", "/var/lib/registry", "--name", name, image)
            let reference = "localhost:\(port)/kept:1"
            try await world.engine("tag", LiveWorld.baseImage, reference)
            try await world.eventually("push") {
                (try? await world.push(reference)) != nil
            }
            let variables = [
                "DEVCLUSTER_REGISTRY_PORT": "\(port)", "DEVCLUSTER_REGISTRY_NAME": name,
            ]
            let up = try await world.devcluster("up", environment: variables)
            #expect(up.succeeded, "\(up.errorText)")
            let tags = try await world.tool(
                "curl", "-fsS", "http://127.0.0.1:\(port)/v2/kept/tags/list")
            #expect(tags.contains("\"1\""))
            let volume = try await world.engine(
                "inspect", "-f", "{{(index .Mounts 0).Name}}", name)
            try await world.remove(name)
            try await world.engine(
                "volume", "rm", volume.trimmingCharacters(in: .newlines))
            try await world.engine("rmi", reference)
            try await world.devcluster("up").checked()
        }
    }
}
