import ChildProcess
import Foundation
import Testing

extension Live {
    /// Somebody else's cluster and registry, which devcluster works with and does not look after.
    @Suite(.serialized) struct S_Existing {
        @Test func `all but what needs the nodes works, and nothing without permission`()
            async throws
        {
            let world = try LiveWorld.current
            let others = try await OthersWorld.make(world)
            do {
                try await check(others)
            } catch {
                await others.remove()
                throw error
            }
            await others.remove()
        }

        private func check(_ others: OthersWorld) async throws {
            try others.configure()
            // Other suites left a page of theirs.
            try others.world.write("app/www/index.html", "first")
            try await refuseWithoutPermission(others)
            try await sayWhatNeedsTheNodes(others)
            try await deploy(others)
            try await goOn(others)
            try await findWhatIsStale(others)
            try await useARegistryOfThisMachine(others)
            try await end(others)
        }

        private func page(_ others: OthersWorld) async throws -> String {
            try await others.world.tool(
                "curl", "-fsS", "--max-time", "5",
                "http://127.0.0.1:\(others.world.forwardPort)/")
        }

        private func refuseWithoutPermission(_ others: OthersWorld) async throws {
            let before = try await others.content()
            let server = try await others.kubectl(
                "config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}")
            for command in [
                "deploy", "deploy --create-pull-secret", "restart deployment/web", "rollback",
                "locks clear", "pf start", "pf sync", "delete namespace shop --yes",
                "deploy --allow-context other",
            ] {
                let outcome = try await others.devcluster(
                    command.split(separator: " ").map(String.init))
                #expect(outcome.exit == .code(1), "\(command): \(outcome.errorText)")
                #expect(outcome.errorText.contains(server), "\(command): \(outcome.errorText)")
            }
            #expect(try await others.content() == before)
            #expect(try await others.catalog() == "{\"repositories\":[]}\n")
            let dry = try await others.devcluster(
                "deploy", "--dry-run", "--create-pull-secret")
            #expect(dry.succeeded, "\(dry.errorText)")
            #expect(dry.text.contains("create --filename -"), "\(dry.text)")
            #expect(dry.text.contains("<redacted>"))
            #expect(!dry.text.contains(OthersWorld.encoded))
            #expect(try await others.content() == before)
        }

        private func sayWhatNeedsTheNodes(_ others: OthersWorld) async throws {
            for words in [
                ["cache", "list"], ["cache", "clear", "--stale"], ["registry", "prune"],
                ["down"], ["stop"], ["up", "--recreate"], ["registry", "preload", "busybox"],
            ] {
                let outcome = try await others.devcluster(words)
                #expect(outcome.exit == .code(3), "\(words): \(outcome.errorText)")
                #expect(outcome.errorText.contains("devcluster \(words[0])"), "\(words)")
            }
            let up = try await others.devcluster("up")
            #expect(up.exit == .code(2), "\(up.errorText)")
            #expect(up.text.contains("namespace shop has no Secret 'pull'"), "\(up.text)")
        }

        private func deploy(_ others: OthersWorld) async throws {
            let context = others.context
            // What is pushed touches no cluster.
            let build = try await others.devcluster("build")
            #expect(build.succeeded, "\(build.errorText)")
            #expect(try await others.catalog() == "{\"repositories\":[\"shop/web\"]}\n")
            let without = try await others.devcluster("deploy", "--allow-context", context)
            #expect(without.exit == .code(1))
            #expect(without.errorText.contains("--create-pull-secret"))
            let deploy = try await others.devcluster(
                "deploy", "--unique-tag", "--create-pull-secret", "-v", "--allow-context", context)
            #expect(deploy.succeeded, "\(deploy.text)\(deploy.errorText)")
            #expect(deploy.text.contains("\(others.host)/shop/web:dev-"))
            for text in [deploy.text, deploy.errorText] {
                #expect(!text.contains(OthersWorld.encoded))
            }
            #expect(try await page(others) == "first")
            let up = try await others.devcluster("up")
            #expect(up.succeeded, "\(up.text)\(up.errorText)")
            let verify = try await others.devcluster("verify-image")
            #expect(verify.succeeded, "\(verify.text)")
        }

        private func goOn(_ others: OthersWorld) async throws {
            let context = others.context
            try others.world.write("app/www/index.html", "second")
            let second = try await others.devcluster("deploy", "--allow-context", context)
            #expect(second.succeeded, "\(second.errorText)")
            try await others.world.eventually("the forward leads to the new pod") {
                (try? await page(others)) == "second"
            }
            let history = try await others.devcluster("history")
            #expect(history.text.split(separator: "\n").count >= 3, "\(history.text)")
            let back = try await others.devcluster("rollback", "--allow-context", context)
            #expect(back.succeeded, "\(back.errorText)")
            try await others.world.eventually("the first page is back") {
                (try? await page(others)) == "first"
            }
            let restart = try await others.devcluster(
                "restart", "deployment/web", "--allow-context", context)
            #expect(restart.succeeded, "\(restart.errorText)")
            let locks = try await others.devcluster("locks", "list")
            #expect(locks.succeeded, "\(locks.errorText)")
        }

        private func findWhatIsStale(_ others: OthersWorld) async throws {
            let image = try await others.kubectl(
                "-n", "shop", "get", "deployment", "web", "--output",
                "jsonpath={.spec.template.spec.containers[0].image}")
            let newest = try #require(try await others.tags().max())
            try #require(!image.hasSuffix(newest))
            try await others.push("\(others.host)/shop/web:\(newest)", as: image)
            let verify = try await others.devcluster("verify-image")
            #expect(verify.exit == .code(2), "\(verify.text)\(verify.errorText)")
            let fix = try await others.devcluster(
                "verify-image", "--fix", "--allow-context", others.context)
            #expect(fix.exit == .code(2), "\(fix.text)\(fix.errorText)")
            #expect(fix.text.contains("devcluster deploy --unique-tag"), "\(fix.text)")
            let deploy = try await others.devcluster(
                "deploy", "--unique-tag", "--allow-context", others.context)
            #expect(deploy.succeeded, "\(deploy.errorText)")
        }

        private func useARegistryOfThisMachine(_ others: OthersWorld) async throws {
            try others.configure(registry: "{port: \(others.world.registryPort)}")
            let deploy = try await others.devcluster("deploy", "--allow-context", others.context)
            #expect(deploy.exit == .code(3), "\(deploy.errorText)")
            #expect(deploy.errorText.contains("set spec.registry.host"))
            // A cluster of ours with their registry.
            try others.configure(cluster: "{}")
            let up = try await others.devcluster("up")
            #expect(up.exit == .code(3), "\(up.errorText)")
            try others.configure()
        }

        private func end(_ others: OthersWorld) async throws {
            let stop = try await others.devcluster("pf", "stop")
            #expect(stop.succeeded, "\(stop.errorText)")
            let delete = try await others.devcluster(
                "delete", "namespace", "shop", "--yes", "--allow-context", others.context)
            #expect(delete.succeeded, "\(delete.errorText)")
        }
    }
}
