import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Vocabulary

/// What becomes of forwards when something is broken: entries, ports, the cluster, the program.
struct ForwardTroubleTests {
    private let scene: ForwardScene
    private var ledger: ForwardLedger { scene.ledger }

    init() throws { scene = try ForwardScene() }

    @Test func `an entry that was damaged is written again by the next command`() async throws {
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(scene.configured)
            try "{\"vers".write(
                toFile: "\(scene.sample.place.folder)/forwards/web.json", atomically: true,
                encoding: .utf8)
            #expect(ledger.read("web") == nil)
            let statuses = try await scene.forwards().start(scene.configured)
            #expect(statuses.map(\.state) == [.running])
            #expect(await EchoServer.ask(scene.port, "a") == "first:a")
        }
    }

    @Test func `a port that another took meanwhile is refused with its holder, and tried again`()
        async throws
    {
        var other: ListeningSocket? = try ListeningSocket(port: scene.port)
        let spec = scene.forwards().spec(of: scene.configured[0], origin: .configured)
        let specs = ForwardSpecs(
            context: scene.sample.place.context, kubeconfig: scene.sample.place.kubeconfig,
            forwards: [spec])
        try await scene.cleaningUp {
            // As a supervisor does that follows a killed one.
            try scene.forwards().requests.send(specs)
            try await scene.eventually("it has failed") { ledger.read("web")?.state == .failed }
            #expect(ledger.read("web")?.lastError?.contains("in use") == true)
            let error = await #expect(throws: DevClusterError.self) {
                try await scene.forwards().start(scene.configured)
            }
            // Told by the supervisor, or already by the command that looks for the holder.
            let words = ["in use", "port \(scene.port) is needed for the forward 'web'"]
            #expect(words.contains { error?.message.contains($0) == true })
            withExtendedLifetime(other) {}
            other = nil
            let statuses = try await scene.forwards().start(scene.configured)
            #expect(statuses.map(\.state) == [.running])
            #expect(await EchoServer.ask(scene.port, "a") == "first:a")
        }
    }

    @Test func `all bad forwards are named at once, and the good one runs`() async throws {
        let taken = try [ListeningSocket(port: freePort()), ListeningSocket(port: freePort())]
        let good = scene.configured[0]
        var forwards = [good]
        for (name, port) in zip(["busy", "taken"], taken.map(\.port)) {
            var bad = good
            (bad.name, bad.port) = (try ForwardName(name), try PortNumber(port))
            forwards.append(bad)
        }
        var absent = good
        absent.name = try ForwardName("absent")
        absent.target = try TargetReference("svc/none")
        absent.port = try PortNumber(freePort())
        forwards.append(absent)
        try await scene.cleaningUp {
            let error = await #expect(throws: DevClusterError.self) {
                try await scene.forwards().start(forwards)
            }
            let lines = (error?.message ?? "").split(separator: "\n")
            #expect(lines.count == 3)
            for (line, name) in zip(lines, ["busy", "taken", "absent"]) {
                #expect(line.contains("the forward '\(name)'"))
            }
            #expect(error?.hint?.contains("end that process") == true)
            let running = try ledger.statuses().map(\.forward.name)
            #expect(running == ["web"])
            #expect(await EchoServer.ask(scene.port, "a") == "first:a")
            withExtendedLifetime(taken) {}
        }
    }

    @Test func `after a deploy bad forwards are problems, and no error`() async throws {
        let other = try ListeningSocket(port: scene.port)
        let started = try await scene.forwards().ensureConfigured()
        #expect(started.statuses.isEmpty)
        #expect(started.problems.map(\.forward) == ["web"])
        #expect(
            started.problems.first?.message.hasPrefix(
                "port \(scene.port) is needed for the forward 'web', but process ") == true)
        withExtendedLifetime(other) {}
    }

    @Test func `a cluster that is gone is a problem of forwards after a deploy, and no error`()
        async throws
    {
        scene.sample.place.record.remove()
        let started = try await scene.forwards().ensureConfigured()
        #expect(started.problems.count == 1)
        #expect(started.problems.first?.forward == nil)
    }

    @Test func `a forward that came right before it was asked for anew keeps its clients`()
        async throws
    {
        let slow = try EchoServer("slow", delay: 1_000_000)
        try scene.lead("web-68dfc84d4b-td6bw", to: slow)
        var spec = scene.forwards().spec(of: scene.configured[0], origin: .configured)
        var specs = ForwardSpecs(
            context: scene.sample.place.context, kubeconfig: scene.sample.place.kubeconfig,
            forwards: [spec])
        try await scene.cleaningUp {
            try scene.forwards().requests.send(specs)
            try await scene.eventually("it runs") { ledger.read("web")?.state == .running }
            async let answer = EchoServer.ask(scene.port, "a")
            try await scene.eventually("the client is let through") { slow.mostAtOnce == 1 }
            // As by a command that saw it fail a moment ago.
            spec.id = ForwardSpec.newID()
            specs.forwards = [spec]
            try scene.forwards().requests.send(specs)
            #expect(await answer == "slow:a")
            try await scene.eventually("it runs for the new request") {
                ledger.read("web").map { $0.request == spec.id && $0.state == .running } ?? false
            }
        }
    }

    @Test func `a client that waits for a target is served when it is there and asked for`()
        async throws
    {
        let lines = try SampleCluster.lines("list")
        try scene.list(lines.filter { !$0.hasPrefix("|Service|shop|web|") })
        let spec = scene.forwards().spec(of: scene.configured[0], origin: .configured)
        let specs = ForwardSpecs(
            context: scene.sample.place.context, kubeconfig: scene.sample.place.kubeconfig,
            forwards: [spec])
        try await scene.cleaningUp {
            try scene.forwards().requests.send(specs)
            try await scene.eventually("it has failed") { ledger.read("web")?.state == .failed }
            async let answer = EchoServer.ask(scene.port, "a")
            try await scene.eventually("the client is held") {
                ledger.read("web")?.connections == 1
            }
            try scene.list(lines)
            _ = try await scene.forwards().start(scene.configured)
            #expect(await answer == "first:a")
        }
    }

    @Test func `a cluster that does not answer makes an idle forward wait, and says why`()
        async throws
    {
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(scene.configured)
            let refused = "The connection to the server 127.0.0.1:1 was refused"
            try scene.sample.folder.write(refused + "\n", to: "down")
            let watches = ForwardProcess.ours(folder: scene.sample.place.folder)
            watches.forEach { $0.send(SIGKILL) }
            try await scene.eventually("it waits") {
                ledger.read("web").map { $0.state == .waiting && $0.lastError == refused } ?? false
            }
            try FileManager.default.removeItem(atPath: scene.sample.folder.file("down"))
            #expect(await EchoServer.ask(scene.port, "a") == "first:a")
            try await scene.eventually("it runs") { ledger.read("web")?.state == .running }
        }
    }

    @Test func `a client whose program does not listen yet is held, and served when it does`()
        async throws
    {
        let name = "web-68dfc84d4b-td6bw"
        let said = scene.sample.folder.file("forward-\(name)")
        let refusal = try Fixture.text("kubectl-1.32.4-port-forward-refused.log")
            .split(separator: "\n")[2]
        // As kubectl does: it says why, and closes the connection in order.
        let absent = try EchoServer("absent") {
            guard let file = FileHandle(forWritingAtPath: said) else { return true }
            _ = try? file.seekToEnd()
            try? file.write(contentsOf: Data((refusal + "\n").utf8))
            ForwardScene.waitUntilRead(said)
            return true
        }
        try scene.lead(name, to: absent)
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(scene.configured)
            async let answer = EchoServer.ask(scene.port, "a")
            try await scene.eventually("it waits") {
                ledger.read("web").map {
                    $0.state == .waiting
                        && $0.lastError == "the pod refuses connections on port 9999"
                } ?? false
            }
            try scene.lead(name, to: scene.pod)
            #expect(await answer == "first:a")
        }
    }

    #if os(Linux)
        @Test(arguments: [false, true])
        func `what a killed kubectl had not taken is sent again, and nothing else`(isTaken: Bool)
            async throws
        {
            let name = "web-68dfc84d4b-td6bw"
            let said = scene.sample.folder.file("forward-\(name)")
            let folder = scene.sample.place.folder
            let next = scene.pod.port
            let dying = try EchoServer("dying") {
                if isTaken {
                    guard let file = FileHandle(forWritingAtPath: said) else { return true }
                    _ = try? file.seekToEnd()
                    try? file.write(contentsOf: Data("Handling connection for 1\n".utf8))
                    ForwardScene.waitUntilRead(said)
                }
                for process in ForwardProcess.ours(folder: folder)
                where process.commandLine?.contains("pod/\(name)") == true {
                    try? "Forwarding from 127.0.0.1:\(next) -> 8080\n".write(
                        toFile: said, atomically: true, encoding: .utf8)
                    process.send(SIGKILL)
                    while process.isAlive { usleep(1_000) }
                }
                // With its process the port of a kubectl goes.
                return false
            }
            try scene.lead(name, to: dying)
            try await scene.cleaningUp {
                _ = try await scene.forwards().start(scene.configured)
                #expect(await EchoServer.ask(scene.port, "a") == (isTaken ? nil : "first:a"))
                let answer = await EchoServer.ask(scene.port, "b")
                let log = try? String(contentsOfFile: ledger.log("web"), encoding: .utf8)
                #expect(answer == "first:b", "\(log ?? "")")
            }
        }

        @Test func `what is left of a forward whose folder is gone is cleaned up`() async throws {
            let state = scene.sample.session.state
            let left = try SleepingKubectl(folder: state.path + "/clusters/podman-gone")
            let others = try SleepingKubectl(folder: state.path + "-other/clusters/podman-gone")
            let browser = try SleepingProcess(
                environment: ["DEVCLUSTER_FORWARD": state.path + "/clusters/podman-gone"])
            let cleanup = try await ForwardCleanup.run(state, foreign: false, dryRun: false)
            #expect(cleanup.ended == ["process \(left.identity.pid)"])
            #expect(!left.identity.isAlive)
            #expect(others.identity.isAlive)
            #expect(browser.identity.isAlive)
        }

        @Test func `a supervisor leaves alone what only inherited the mark of its folder`()
            async throws
        {
            let folder = scene.sample.place.folder
            let orphan = try SleepingKubectl(folder: folder)
            let browser = try SleepingProcess(environment: ["DEVCLUSTER_FORWARD": folder])
            try await scene.cleaningUp {
                _ = try await scene.forwards().start(scene.configured)
                #expect(!orphan.identity.isAlive)
                #expect(browser.identity.isAlive)
            }
            #expect(browser.identity.isAlive)
        }
    #endif
}

/// Forwards that ask the program whether it is well.
struct ForwardProbeTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n", ForwardProbe.Verdict.passed), ("HTTP/1.0 302 Found\r\n", .passed),
        ("HTTP/1.1 200 OK", .waiting), ("", .waiting),
        ("HTTP/1.1 503 Service Unavailable\r\n", .failed("it answered 503")),
        ("SSH-2.0-OpenSSH_9.2\r\n", .failed("what answers speaks no HTTP")),
        (String(repeating: "x", count: 300), .failed("what answers speaks no HTTP")),
    ]) func `an answer is judged by its first line`(
        answer: String, verdict: ForwardProbe.Verdict
    ) {
        #expect(ForwardProbe.verdict(Array(answer.utf8)) == verdict)
    }

    @Test func `a forward with a probe is usable when the program has answered it`() async throws {
        let scene = try ForwardScene(answer: "HTTP/1.1 200 OK\r\n", probe: "http /healthz?a=b")
        try await scene.cleaningUp {
            let statuses = try await scene.forwards().start(scene.configured)
            #expect(statuses.map(\.state) == [.running])
            #expect(statuses.first?.forward.process != nil)
            let answer = await EchoServer.ask(scene.port, "a")
            #expect(answer == "HTTP/1.1 200 OK\r\n:a")
        }
    }

    @Test func `a client waits while the program fails its probe`() async throws {
        let scene = try ForwardScene(answer: "HTTP/1.1 503 No\r\n", probe: "http /healthz")
        let well = try EchoServer("HTTP/1.1 204 No Content\r\n")
        var timing = ForwardScene.patient
        timing.longestPause = .milliseconds(200)
        try await scene.cleaningUp {
            let spec = scene.forwards().spec(of: scene.configured[0], origin: .configured)
            try scene.forwards(timing).requests.send(
                ForwardSpecs(
                    context: scene.sample.place.context,
                    kubeconfig: scene.sample.place.kubeconfig, forwards: [spec]))
            try await scene.eventually("the probe fails") {
                scene.ledger.read("web").map {
                    $0.state == .waiting && $0.lastError == "probe http /healthz: it answered 503"
                } ?? false
            }
            async let answer = EchoServer.ask(scene.port, "a")
            try await scene.eventually("the client is held") {
                scene.ledger.read("web")?.connections == 1
            }
            try scene.lead("web-68dfc84d4b-td6bw", to: well)
            // The next kubectl leads to the program as it is now.
            scene.ledger.read("web")?.process?.send(SIGKILL)
            #expect(await answer == "HTTP/1.1 204 No Content\r\n:a")
        }
    }

    @Test(arguments: ["http", "http healthz", "https /", "http /a b", "http /\r\nX: y", "http /ü"])
    func `what is no probe is refused`(text: String) {
        #expect(throws: DevClusterError.self) { try HTTPProbe(text) }
    }
}
