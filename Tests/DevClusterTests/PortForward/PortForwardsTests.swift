import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import DevCluster

/// Forwards whose `kubectl` is a script that prints what the real one was recorded to print.
struct PortForwardsTests {
    private let sample: SampleSession
    private let port: Int
    private var forwards: PortForwards { PortForwards(session: sample.session) }
    private var ledger: ForwardLedger { ForwardLedger(folder: sample.place.folder) }

    init() throws {
        port = try ListeningSocket.freePort()
        let forward: JSONValue = [
            "name": "hello", "target": "svc/hello", "port": .integer(Int64(port)), "targetPort": 80,
        ]
        sample = try SampleSession(["namespace": "demo", "forwards": [forward]])
        try sample.remember()
    }

    /// Puts a `kubectl` into PATH that prints these lines and then does this.
    private func install(_ recording: String, then: String) throws {
        let log = try #require(Bundle.module.resourceURL)
            .appending(path: "Fixtures/kubectl-1.32.4-port-forward-\(recording).log").path
        let path = sample.folder.file("arguments")
        try sample.folder.write(
            "#!/bin/sh\necho \"$@\" >> '\(path)'\nPATH=/usr/bin:/bin\ncat '\(log)'\n\(then)\n",
            to: "bin/kubectl", mode: 0o755)
    }

    /// Ends what a test started; runs also when it failed.
    private func cleanUp() async { _ = try? await ledger.endAll(dryRun: false) }

    @Test func `a forward that listens is running and in the ledger`() async throws {
        try install("good", then: "exec sleep 60")
        let status = try #require(
            try await forwards.start(sample.session.configuration.forwards).first)
        #expect(status.state == .running)
        let record = try #require(ledger.read("hello"))
        #expect(record.process?.isAlive == true)
        #expect(record.url == "http://127.0.0.1:\(port)")
        #expect(
            try sample.folder.text("arguments")
                == "--kubeconfig \(sample.place.kubeconfig) --context kind-devcluster-demo"
                + " --namespace demo port-forward --address 127.0.0.1 svc/hello \(port):80\n")
        await cleanUp()
        #expect(record.process?.isAlive == false)
    }

    @Test func `a forward that runs already is left alone`() async throws {
        try install("good", then: "exec sleep 60")
        let first = try await forwards.start(sample.session.configuration.forwards)
        let second = try await forwards.start(sample.session.configuration.forwards)
        #expect(first.map(\.forward.process) == second.map(\.forward.process))
        await cleanUp()
    }

    @Test func `a forward that runs is started anew after a rollout`() async throws {
        try install("good", then: "exec sleep 60")
        let first = try #require(
            try await forwards.start(sample.session.configuration.forwards).first)
        let second = try await forwards.ensureConfigured(renewing: true)
        #expect(first.forward.process?.isAlive == false)
        #expect(second.map(\.state) == [.running])
        #expect(second.first?.forward.process != first.forward.process)
        await cleanUp()
    }

    @Test func `a port that a forward of another cluster has is refused with its name`()
        async throws
    {
        try install("good", then: "exec sleep 60")
        let process = try SleepingProcess()
        var other = sampleForward("gateway", process: process.identity)
        other.port = port
        try ForwardLedger(folder: sample.session.state.cluster(.podman, "other")).write(other)
        let error = await #expect(throws: DevClusterError.self) {
            try await forwards.start(sample.session.configuration.forwards)
        }
        #expect(error?.message.contains("the forward 'gateway' of other has it") == true)
        #expect(error?.hint?.contains("devcluster pf stop gateway") == true)
        #expect(process.identity.isAlive)
    }

    @Test func `without a cluster there is nothing to forward to`() async throws {
        sample.place.record.remove()
        let error = await #expect(throws: DevClusterError.self) {
            try await forwards.start(sample.session.configuration.forwards)
        }
        #expect(error?.message == "there is no cluster 'devcluster-demo' of devcluster")
    }

    @Test func `a forward that ended is started anew, and counted`() async throws {
        try install("good", then: "exec sleep 60")
        var dead = sampleForward("hello", process: nil)
        dead.restarts = 2
        try ledger.write(dead)
        try AtomicFile.write(Data("error: lost connection to pod\n".utf8), to: ledger.log("hello"))
        let status = try #require(
            try await forwards.start(sample.session.configuration.forwards).first)
        #expect(status.forward.restarts == 3)
        #expect(status.forward.lastError == "error: lost connection to pod")
        await cleanUp()
    }

    @Test func `a forward that cannot start fails with kubectl's words and leaves nothing`()
        async throws
    {
        try install("none", then: "exit 1")
        let error = await #expect(throws: DevClusterError.self) {
            try await forwards.start(sample.session.configuration.forwards)
        }
        #expect(error?.message.contains("'hello' to svc/hello in namespace demo") == true)
        #expect(error?.message.contains(#"services "none" not found"#) == true)
        #expect(ledger.records().isEmpty)
    }

    @Test func `a busy port is refused with its holder, and nothing is started`() async throws {
        try install("good", then: "exec sleep 60")
        let socket = try ListeningSocket(port: port)
        let error = await #expect(throws: DevClusterError.self) {
            try await forwards.start(sample.session.configuration.forwards)
        }
        #expect(error?.message.hasPrefix("port \(socket.port) is needed for the forward") == true)
        #expect(!FileManager.default.fileExists(atPath: sample.folder.file("arguments")))
        #expect(ledger.records().isEmpty)
    }

    @Test func `a dry run prints the command and starts nothing`() async throws {
        let dry = try SampleSession(
            [
                "forwards": [
                    [
                        "name": "a", "target": "svc/a", "port": .integer(Int64(port)),
                        "targetPort": "http",
                    ]
                ]
            ], isDryRun: true)
        dry.runner.expectKubectl([
            "port-forward", "--address", "127.0.0.1", "svc/a", "\(port):http",
        ])
        let statuses = try await PortForwards(session: dry.session).start(
            dry.session.configuration.forwards)
        #expect(statuses.map(\.state) == [.planned])
        #expect(dry.runner.calls[0].effect == .changes)
        #expect(!FileManager.default.fileExists(atPath: dry.place.folder))
    }

    @Test func `stopping ends what is named`() async throws {
        let process = try SleepingProcess()
        let other = try SleepingProcess()
        try ledger.write(sampleForward("hello", process: process.identity))
        try ledger.write(sampleForward("other", process: other.identity))
        #expect(try await forwards.stop(["hello"]) == ["hello"])
        #expect(!process.identity.isAlive)
        #expect(other.identity.isAlive)
        #expect(try await forwards.stop([]) == ["other"])
        #expect(!other.identity.isAlive)
    }

    @Test func `stopping what is not there names what is`() async throws {
        try ledger.write(sampleForward("hello", process: nil))
        let error = await #expect(throws: DevClusterError.self) {
            try await forwards.stop(["hallo"])
        }
        #expect(error?.message == "there is no forward 'hallo' of devcluster-demo")
        #expect(error?.hint == "there are: hello")
        #expect(ledger.records().count == 1)
    }

    @Test func `a forward that is not configured names those that are`() {
        let error = #expect(throws: DevClusterError.self) { try forwards.select(["hallo"]) }
        #expect(error?.message == "there is no forward 'hallo' in spec.forwards")
        #expect(error?.hint == "it has: hello")
    }

    #if os(Linux)
        @Test(.enabled(if: findExecutable("bash") != nil))
        func `cleaning up ends ours in every cluster, and only lists those of others`() async throws
        {
            let ours = try SleepingProcess()
            try ledger.write(sampleForward("hello", process: ours.identity))
            // Looks like a kubectl of somebody else, and carries no mark of ours.
            let foreign = try spawnDetached(
                "bash", ["-c", "exec -a kubectl tail -f /dev/null port-forward"])
            defer { foreign.send(SIGKILL) }
            while foreign.commandLine?.first != "kubectl" { await Task.yield() }
            let cleanup = try await ForwardCleanup.run(
                sample.session.state, foreign: false, dryRun: false)
            #expect(cleanup.ended == ["podman-devcluster-demo/hello"])
            #expect(cleanup.foreign.contains { $0.process == foreign })
            #expect(!cleanup.endedForeign)
            #expect(foreign.isAlive)
            #expect(!ours.identity.isAlive)
        }
    #endif
}
