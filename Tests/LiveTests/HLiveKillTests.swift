import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// SIGKILL at every boundary of a step, enumerated. Minutes each: with `DEVCLUSTER_LIVE=all`.
    @Suite(.serialized, .enabled(if: LiveWorld.isLong)) struct H_Kill {
        @Test func `an up that is killed at any step is finished by the next one`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let place = SecondCluster(world)
            var count = 0
            while let event = try await place.runAndKill("up", at: count + 1) {
                count += 1
                let up = try await place.run(["up"])
                #expect(up.succeeded, "after \(event): \(up.errorText)")
                let again = try await place.run(["up"])
                #expect(again.text.contains("nothing had to be changed"), "after \(event)")
                let names = try await world.containers(all: true)
                let ours = names.filter { $0.hasPrefix(place.name) }
                #expect(
                    ours == ["\(place.name)-control-plane", "\(place.name)-registry"],
                    "after \(event)")
                try await place.run(["down", "--registry", "--yes"]).checked()
            }
            print("up: killed at \(count) boundaries of steps")
            #expect(count > 8)
            try await place.run(["down", "--data", "--yes"]).checked()
        }

        /// Each leaves something else: rules of the firewall, containers half made or half removed.
        @Test func `an engine that is killed under up again and again is made up for`() async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let place = SecondCluster(world)
            for tenths in [3, 7, 12, 16, 22, 30, 50, 90, 150, 5, 10] {
                try await place.upWithoutEngine(after: .milliseconds(tenths * 100))
            }
            let up = try await place.run(["up"])
            #expect(up.succeeded, "\(up.errorText)")
            for tenths in [4, 8, 12, 16] {
                _ = try? await world.remove("\(place.name)-registry")
                try await place.upWithoutEngine(after: .milliseconds(tenths * 100))
                let up = try await place.run(["up"])
                #expect(up.succeeded, "after \(tenths) tenths of a second: \(up.errorText)")
            }
            let again = try await place.run(["up"])
            #expect(again.text.contains("nothing had to be changed"))
            try await place.run(["down", "--data", "--yes"]).checked()
        }

        @Test func `a down that is killed at any step is finished by the next one`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let place = SecondCluster(world)
            var count = 0
            repeat {
                try await place.run(["up"]).checked()
                guard try await place.runAndKill("down --data --yes", at: count + 1) != nil else {
                    break
                }
                count += 1
                let down = try await place.run(["down", "--data", "--yes"])
                #expect(down.succeeded, "\(down.errorText)")
                let names = try await world.containers(all: true)
                #expect(!names.contains { $0.hasPrefix(place.name) })
            } while count < 20
            print("down: killed at \(count) boundaries of steps")
            #expect(count > 1)
        }

        @Test func `a deploy that is killed at any step is finished by the next one`() async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "killed")
            let place = SecondCluster(world)
            try await place.run(["up"]).checked()
            var count = 0
            while true {
                try world.write("app/www/index.html", "killed \(count)")
                guard try await place.runAndKill("deploy --unique-tag", at: count + 1) != nil
                else { break }
                count += 1
                let deploy = try await place.run(["deploy"])
                #expect(deploy.succeeded, "\(deploy.errorText)")
                let verified = try await place.run(["verify-image"])
                #expect(verified.exit == .code(0), "\(verified.text)")
            }
            print("deploy: killed at \(count) boundaries of steps")
            #expect(count > 5)
            try await place.run(["down", "--data", "--yes"]).checked()
        }
    }
}
