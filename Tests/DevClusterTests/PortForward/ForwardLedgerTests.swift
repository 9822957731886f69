import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import DevCluster

/// A process that only sleeps, ended when the last reference to it goes.
final class SleepingProcess: Sendable {
    let identity: ProcessIdentity

    init(environment: [String: String] = [:]) throws {
        identity = try spawnDetached("sleep", ["60"], environment: environment)
        // The kernel ends the spawn a moment before it has put arguments and environment up.
        while identity.commandLine?.last != "60" { usleep(500) }
    }

    deinit { identity.send(SIGKILL) }
}

/// A forward as the ledger has it.
func sampleForward(_ name: String, process: ProcessIdentity?) -> ForwardRecord {
    ForwardRecord(
        name: name, context: "kind-demo", namespace: "demo", target: "svc/\(name)",
        address: "127.0.0.1", port: 18080, targetPort: "80", process: process,
        arguments: ["port-forward"], startedAt: Date(timeIntervalSince1970: 1_767_323_045),
        restarts: 0, lastError: nil)
}

struct ForwardLedgerTests {
    private let folder: TemporaryFolder
    private let ledger: ForwardLedger

    init() throws {
        folder = try TemporaryFolder()
        ledger = ForwardLedger(folder: folder.path)
    }

    @Test func `entries are listed by name with their state and age`() async throws {
        let process = try SleepingProcess()
        try ledger.write(sampleForward("b", process: process.identity))
        try ledger.write(sampleForward("a", process: nil))
        let now = Date(timeIntervalSince1970: 1_767_323_145)
        let statuses = ledger.statuses(now: now)
        #expect(statuses.map(\.forward.name) == ["a", "b"])
        #expect(statuses.map(\.state) == [.dead, .running])
        #expect(statuses.map(\.age) == [100, 100])
    }

    @Test func `an ended forward's process is gone, and so is its entry`() async throws {
        let process = try SleepingProcess()
        try ledger.write(sampleForward("a", process: process.identity))
        #expect(try await ledger.end("a"))
        #expect(!process.identity.isAlive)
        #expect(ledger.records().isEmpty)
        #expect(try await !ledger.end("a"))
    }

    @Test func `a process that got the id of ours is never signalled`() async throws {
        let other = try SleepingProcess()
        var recycled = other.identity
        recycled.startTicks += 1
        try ledger.write(sampleForward("a", process: recycled))
        #expect(ledger.statuses().map(\.state) == [.dead])
        #expect(try await ledger.end("a"))
        #expect(other.identity.isAlive)
        #expect(ledger.records().isEmpty)
    }

    @Test func `a process of an earlier boot is never signalled`() async throws {
        let other = try SleepingProcess()
        var earlier = other.identity
        earlier.bootID = "00000000-0000-0000-0000-000000000000"
        try ledger.write(sampleForward("a", process: earlier))
        #expect(try await ledger.end("a"))
        #expect(other.identity.isAlive)
    }

    @Test func `a damaged entry hides no other`() throws {
        try ledger.write(sampleForward("a", process: nil))
        try folder.write("{\"version\":1,\"content\":{\"na", to: "forwards/b.json")
        try folder.write("", to: "forwards/c.json.123.tmp")
        #expect(ledger.records().map(\.name) == ["a"])
    }

    #if os(Linux)
        @Test func `a process whose entry was damaged is found by its mark and ended`() async throws
        {
            let ours = try SleepingProcess(environment: ["DEVCLUSTER_FORWARD": folder.path])
            let others = try SleepingProcess(
                environment: ["DEVCLUSTER_FORWARD": folder.path + "-other"])
            try folder.write("{", to: "forwards/a.json")
            #expect(
                try await ledger.endAll(dryRun: false) == ["process \(ours.identity.pid)"])
            #expect(!ours.identity.isAlive)
            #expect(others.identity.isAlive)
            #expect(ledger.records().isEmpty)
        }
    #endif

    @Test func `ending all ends each, and says which`() async throws {
        let processes = [try SleepingProcess(), try SleepingProcess()]
        try ledger.write(sampleForward("a", process: processes[0].identity))
        try ledger.write(sampleForward("b", process: processes[1].identity))
        #expect(try await ledger.endAll(dryRun: false) == ["a", "b"])
        #expect(processes.allSatisfy { !$0.identity.isAlive })
        #expect(try await ledger.endAll(dryRun: false).isEmpty)
    }

    @Test func `a dry run only says which`() async throws {
        let process = try SleepingProcess()
        try ledger.write(sampleForward("a", process: process.identity))
        #expect(try await ledger.endAll(dryRun: true) == ["a"])
        #expect(process.identity.isAlive)
        #expect(ledger.records().count == 1)
    }

    @Test func `what is written is read again`() throws {
        var record = sampleForward("a", process: .current)
        record.lastError = "lost connection to pod"
        try ledger.write(record)
        #expect(ledger.read("a") == record)
        #expect(record.url == "http://127.0.0.1:18080")
    }
}

struct ForwardLogTests {
    private func path(_ name: String) throws -> String {
        try #require(Bundle.module.resourceURL)
            .appending(path: "Fixtures/kubectl-1.32.4-port-forward-\(name).log").path
    }

    @Test func `a forward that listens says so, and complains of nothing`() throws {
        #expect(ForwardLog.isListening(try path("good")))
        #expect(ForwardLog.lastError(try path("good")) == nil)
    }

    @Test(arguments: [
        ("none", #"Error from server (NotFound): services "none" not found"#),
        ("busy", "error: unable to listen on any of the requested ports: [{19181 8080}]"),
        (
            "pending",
            "error: unable to forward port because pod is not running. Current status=Pending"
        ), ("port", "error: Service hello does not have a service port 81"),
    ]) func `a forward that cannot start says why`(name: String, reason: String) throws {
        #expect(!ForwardLog.isListening(try path(name)))
        #expect(ForwardLog.lastError(try path(name)) == reason)
    }

    @Test func `a forward that lost its pod says so`() throws {
        #expect(ForwardLog.lastError(try path("refused")) == "error: lost connection to pod")
    }

    @Test func `a missing log says nothing`() {
        #expect(!ForwardLog.isListening("/nowhere"))
        #expect(ForwardLog.lastError("/nowhere") == nil)
    }

    @Test func `a long log is read at its end, and control characters are shown`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            String(repeating: "Handling connection for 1\n", count: 10_000)
                + "error: \u{1b}[31mx\n",
            to: "log")
        #expect(ForwardLog.lastError(path) == "error: \\u{1b}[31mx")
    }
}
