import ChildProcess
import Foundation
import Testing

extension Live {
    /// `doctor` on a real machine: what is wrong is named with evidence and remedy, nothing else is.
    @Suite(.serialized) struct G_Doctor {
        @Test func `each node of a healthy cluster is seen pulling, and nothing of ours is wrong`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            try await world.devcluster("up").checked()
            let doctor = try await world.devcluster("doctor")
            for node in ["\(world.cluster)-control-plane", "\(world.cluster)-worker"] {
                #expect(doctor.text.contains("✓ node \(node): it pulls from the registry"))
            }
            #expect(
                doctor.text.contains(
                    "✓ registry \(world.registry): it answers at localhost:\(world.registryPort)"))
            let wrong = doctor.text.split(separator: "\n").filter { $0.hasPrefix("✗") }
            #expect(!wrong.contains { $0.contains(world.cluster) }, "\(doctor.text)")
            #expect(!doctor.text.contains("volume \(world.registry)-data"), "\(doctor.text)")
        }

        @Test func `faults of a node, a wrong clock and a left-over volume are named`() async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            let volume = "\(world.cluster)-left-over"
            try await world.engine(
                "volume", "create", "--label", "devcluster.dev/managed=true", volume)
            // The nodes' clock is the host's own here: only what `date` says can differ.
            try await world.shell(
                """
                $ENGINE exec $WORKER rm -r /etc/containerd/certs.d
                $ENGINE exec $WORKER sh -c 'printf "#!/bin/sh\\nexec /bin/date -d \\"+1 hour\\" \\"\\$@\\"\\n" \
                > /usr/local/bin/date; chmod +x /usr/local/bin/date'
                """)
            let doctor = try await world.devcluster("doctor")
            let worker = "\(world.cluster)-worker"
            #expect(doctor.exit == .code(2))
            #expect(doctor.text.contains("✗ node \(worker): /etc/containerd/certs.d/localhost:"))
            #expect(doctor.text.contains("hosts.toml is missing"), "\(doctor.text)")
            let clock = doctor.text.split(separator: "\n").first { $0.contains("its clock is") }
            #expect(clock?.hasPrefix("✗ node \(worker)") == true, "\(doctor.text)")
            #expect(clock?.hasSuffix("s ahead") == true)
            #expect(doctor.text.contains("→ \(LiveWorld.engine) volume rm \(volume)"))
            try await world.engine("volume", "rm", volume)
            try await world.shell("$ENGINE exec $WORKER rm /usr/local/bin/date")
            let fixed = try await world.devcluster("doctor", "--fix", "--yes")
            #expect(fixed.text.contains("✓ node \(worker): it pulls from the registry"))
        }

        @Test func `tools that hang are named, and keep nothing else`() async throws {
            let world = try LiveWorld.current
            try FileManager.default.createDirectory(
                atPath: "\(world.folder)/hanging", withIntermediateDirectories: true)
            for tool in ["\(LiveWorld.engine)", "kubectl"] {
                try world.write("hanging/\(tool)", "#!/bin/sh\nexec sleep 600\n")
            }
            try await world.shell("chmod +x $FOLDER/hanging/*")
            let path = try #require(ProcessInfo.processInfo.environment["PATH"])
            let doctor = try await world.devcluster(
                "doctor", environment: ["PATH": "\(world.folder)/hanging:\(path)"],
                deadline: .seconds(20))
            #expect(doctor.exit == .code(2))
            #expect(
                doctor.text.contains("'\(LiveWorld.engine) info' did not answer within"),
                "\(doctor.text)")
            #expect(doctor.text.contains("✓ kind: kind v"), "\(doctor.text)")
        }

        @Test func `a bundle holds what helps, and no key`() async throws {
            let world = try LiveWorld.current
            try await world.devcluster("doctor", "--bundle", "../help.tar.gz")
            let text = try await world.shell("tar -xzOf $FOLDER/help.tar.gz")
            #expect(text.contains("server = http://\(world.registry):5000"))
            let kubeconfig = try String(
                contentsOfFile: "\(world.folder)/kubeconfig", encoding: .utf8)
            let line = kubeconfig.split(separator: "\n").first { $0.contains("client-key-data") }
            let key = try #require(line?.split(separator: " ").last)
            #expect(!text.contains(key))
        }
    }
}
