import ChildProcess
import Foundation
import Testing

extension Live {
    /// What runs an earlier build than was deployed last, whoever saw to it.
    @Suite(.serialized) struct N_EarlierBuilds {
        private func image(_ world: LiveWorld) async throws -> String {
            try await world.kubectl(
                "get", "deployment", "web", "-n", "earlier", "-o",
                "jsonpath={.spec.template.spec.containers[0].image}")
        }

        @Test
        func `a tag that was put back by hand is found, and --fix restores what was deployed`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "earlier")
            try world.write("app/www/index.html", "earlier 1")
            try await world.devcluster("deploy").checked()
            let earlier = try await image(world)
            try world.write("app/www/index.html", "earlier 2")
            try await world.devcluster("deploy").checked()
            let deployed = try await image(world)
            try await world.kubectl(
                "set", "image", "deployment/web", "web=\(earlier)", "-n", "earlier")
            try await world.kubectl(
                "rollout", "status", "-n", "earlier", "deployment/web", "--timeout=60s")
            let found = try await world.devcluster("verify-image", "-n", "earlier")
            #expect(found.exit == .code(2))
            #expect(found.text.contains("it runs another build"), "\(found.text)")
            let fixed = try await world.devcluster("verify-image", "--fix", "-n", "earlier")
            #expect(fixed.exit == .code(0), "\(fixed.text)\(fixed.errorText)")
            #expect(fixed.text.contains("restored earlier/deployment/web: web=\(deployed)"))
            #expect(try await image(world) == deployed)
        }

        @Test
        func `an image that was changed in a pod is told as that, and --fix replaces the pod`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "earlier")
            let deployed = try await image(world)
            let images = try await world.kubectl(
                "get", "replicasets", "-n", "earlier", "-o",
                "jsonpath={.items[*].spec.template.spec.containers[0].image}")
            let earlier = try #require(images.split(separator: " ").first { $0 != deployed })
            var pods: [Substring] = []
            // One that is just being deleted still counts as running.
            try await world.eventually("only the pod of the last deploy is left") {
                let names = try await world.kubectl(
                    "get", "pods", "-n", "earlier", "-l", "app=web", "-o",
                    "jsonpath={.items[*].metadata.name}")
                pods = names.split(separator: " ")
                return pods.count == 1
            }
            let pod = String(pods[0])
            try await world.kubectl("set", "image", "pod/\(pod)", "web=\(earlier)", "-n", "earlier")
            try await world.eventually("the kubelet has started the other image") {
                try await world.kubectl(
                    "get", "pod", pod, "-n", "earlier", "-o",
                    "jsonpath={.status.containerStatuses[0].restartCount}") != "0"
            }
            let found = try await world.devcluster("verify-image", "-n", "earlier")
            #expect(found.exit == .code(2), "\(found.text)")
            #expect(found.text.contains("the image was changed in the pod itself"), "\(found.text)")
            let fixed = try await world.devcluster("verify-image", "--fix", "-n", "earlier")
            #expect(fixed.exit == .code(0), "\(fixed.text)\(fixed.errorText)")
            try await world.eventually("the changed pod is gone") {
                try await !world.kubectl("get", "pods", "-n", "earlier", "-o", "name").contains(pod)
            }
        }

        @Test
        func `a workload that was given another image altogether is found, and --fix puts it back`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "earlier")
            let deployed = try await image(world)
            try await world.kubectl(
                "set", "image", "deployment/web", "web=example.invalid/other:1", "-n", "earlier")
            let found = try await world.devcluster("verify-image", "-n", "earlier")
            #expect(found.exit == .code(2), "\(found.text)")
            #expect(found.text.contains("; the last deploy put \(deployed) there"), "\(found.text)")
            let status = try await world.devcluster("status")
            #expect(status.exit == .code(2), "\(status.text)")
            let fixed = try await world.devcluster("verify-image", "--fix", "-n", "earlier")
            #expect(fixed.exit == .code(0), "\(fixed.text)\(fixed.errorText)")
            #expect(fixed.text.contains("restored earlier/deployment/web: web=\(deployed)"))
            #expect(try await image(world) == deployed)
        }

        @Test func `a workload that left the manifests is told, and its earlier build is no proof`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "earlier")
            let manifest = LiveWorld.webManifest(image: "web")
            try world.write("app/web.yaml", manifest.replacing("web}", with: "renamed}"))
            try world.write("app/www/index.html", "earlier 3")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(2), "\(deploy.text)\(deploy.errorText)")
            #expect(
                deploy.errorText.contains(
                    "Deployment/web in namespace earlier is not in the manifests any more"),
                "\(deploy.errorText)")
            try await world.kubectl(
                "delete", "deployment", "web", "-n", "earlier", "--wait=true")
            try await world.kubectl(
                "wait", "-n", "earlier", "--for=delete", "pod", "-l", "app=web", "--timeout=60s")
            try await world.devcluster("deploy").checked()
            try await world.kubectl("delete", "namespace", "earlier", "--wait=false")
        }
    }
}
