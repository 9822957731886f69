import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import Tools
@testable import Vocabulary

/// A process that only sleeps, ended when the last reference to it goes.
final class SleepingProcess: Sendable {
    let identity: ProcessIdentity

    init(environment: [String: String] = [:]) throws {
        identity = try spawnDetached("sleep", ["600"], environment: environment)
        // The kernel ends the spawn a moment before it has put arguments and environment up.
        while identity.commandLine?.last != "600" { usleep(500) }
    }

    deinit { identity.send(SIGKILL) }
}

/// A process with the mark and the arguments of a kubectl as a supervisor starts it.
final class SleepingKubectl: Sendable {
    let identity: ProcessIdentity

    init(folder: String) throws {
        let arguments =
            ["--context", "kind-demo", "--namespace", "shop"]
            + KubectlForward.arguments(pod: "web-1", port: 80)
        identity = try spawnDetached(
            "tail", ["-f", "/dev/null", "--"] + arguments,
            environment: [ForwardProcess.mark: folder])
        // The kernel ends the spawn a moment before it has put arguments and environment up.
        while identity.commandLine?.last != arguments.last { usleep(500) }
    }

    deinit { identity.send(SIGKILL) }
}

/// A forward as the ledger has it.
func sampleForward(_ name: String, process: ProcessIdentity?) -> ForwardRecord {
    ForwardRecord(
        name: name, context: "kind-demo", namespace: "demo", target: "svc/\(name)",
        address: "127.0.0.1", port: 18080, targetPort: "80", origin: .configured, request: "1",
        state: .running, supervisor: process, arguments: ["port-forward"],
        startedAt: Date(timeIntervalSince1970: 1_767_323_045), restarts: 0, connections: 0,
        bytesSent: 0, bytesReceived: 0, lastError: nil)
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
        let statuses = try ledger.statuses(now: now)
        #expect(statuses.map(\.forward.name) == ["a", "b"])
        #expect(statuses.map(\.state) == [.dead, .running])
        #expect(statuses.map(\.age) == [100, 100])
    }

    @Test func `a process that got the id of ours is never signalled`() async throws {
        let other = try SleepingProcess()
        var recycled = other.identity
        recycled.startTicks += 1
        try ledger.write(sampleForward("a", process: recycled))
        #expect(try ledger.statuses().map(\.state) == [.dead])
        #expect(try await ledger.endAll(dryRun: false) == ["a"])
        #expect(other.identity.isAlive)
        #expect(try ledger.records().isEmpty)
    }

    @Test func `a process of an earlier boot is never signalled`() async throws {
        let other = try SleepingProcess()
        var earlier = other.identity
        earlier.bootID = "00000000-0000-0000-0000-000000000000"
        try ledger.write(sampleForward("a", process: earlier))
        #expect(try await ledger.endAll(dryRun: false) == ["a"])
        #expect(other.identity.isAlive)
    }

    @Test func `what is wanted is listed as dead when nobody works on it`() throws {
        var specs = ForwardSpecs(context: "kind-demo", kubeconfig: nil)
        specs.forwards = [sampleForward("a", process: nil).spec]
        try specs.write(folder.path)
        #expect(try ledger.statuses().map(\.forward.name) == ["a"])
        #expect(try ledger.statuses().map(\.state) == [.dead])
    }

    @Test func `a damaged entry hides no other`() throws {
        try ledger.write(sampleForward("a", process: nil))
        try folder.write("{\"version\":1,\"content\":{\"na", to: "forwards/b.json")
        try folder.write("", to: "forwards/c.json.123.tmp")
        #expect(try ledger.records().map(\.name) == ["a"])
    }

    #if os(Linux)
        @Test func `a process whose entry was damaged is found by mark and arguments, and ended`()
            async throws
        {
            let ours = try SleepingKubectl(folder: folder.path)
            let others = try SleepingKubectl(folder: folder.path + "-other")
            try folder.write("{", to: "forwards/a.json")
            #expect(
                try await ledger.endAll(dryRun: false) == ["process \(ours.identity.pid)"])
            #expect(!ours.identity.isAlive)
            #expect(others.identity.isAlive)
            #expect(try ledger.records().isEmpty)
        }

        @Test func `what a login plugin of kubectl opened inherits the mark, and is left alone`()
            async throws
        {
            let browser = try SleepingProcess(environment: ["DEVCLUSTER_FORWARD": folder.path])
            try folder.write("{", to: "forwards/a.json")
            #expect(try await ledger.endAll(dryRun: false).isEmpty)
            #expect(browser.identity.isAlive)
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
        #expect(try ledger.records().count == 1)
    }

    @Test func `what is written is read again`() throws {
        var record = sampleForward("a", process: .current)
        record.lastError = "lost connection to pod"
        try ledger.write(record)
        #expect(ledger.read("a") == record)
        #expect(record.url == "http://127.0.0.1:18080")
    }
}

struct ForwardProcessTests {
    private func isOurs(_ command: String) -> Bool {
        ForwardProcess.isOurs(command.split(separator: " ").map(String.init), folder: "/s/c")
    }

    @Test func `what a supervisor is and starts is ours, also behind a wrapper`() {
        let forward = KubectlForward.arguments(pod: "web-1", port: 80)
        for command in [KubectlWatch.list, KubectlWatch.watch, forward] {
            let place = ["--kubeconfig", "/k", "--context", "kind-a", "--namespace", "shop"]
            let kubectl = ["kubectl"] + place + command
            #expect(ForwardProcess.isOurs(kubectl, folder: "/s/c"))
            #expect(ForwardProcess.isOurs(["sh", "/opt/kubectl"] + kubectl[1...], folder: "/s/c"))
        }
        #expect(isOurs("/usr/bin/devcluster __forwards /s/c"))
    }

    @Test(arguments: [
        "firefox https://login.example.com", "kubectl-oidc_login get-token", "sleep 60",
        "devcluster __forwards /s/d", "devcluster pf list",
        "kubectl --context kind-a port-forward svc/web 8080:80",
        "kubectl --context kind-a get pods", "kubectl --context kind-a",
    ]) func `what only inherited the mark is not`(command: String) {
        #expect(!isOurs(command))
    }

    @Test(arguments: [
        ("kubectl port-forward svc/web 8080:80", true),
        ("/usr/bin/kubectl -n shop --context=a port-forward svc/web 8080", true),
        ("kubectl exec -it web -- port-forward", false),
        ("kubectl -n shop get pods port-forward", false), ("oc port-forward svc/web 80", false),
    ]) func `only kubectl's own word port-forward makes a forward of others`(
        command: String, isForward: Bool
    ) {
        #expect(
            KubectlForward.isForward(command.split(separator: " ").map(String.init)) == isForward)
    }
}

struct KubectlForwardTests {
    private func lines(_ name: String) throws -> [Substring] {
        try Fixture.text("kubectl-1.32.4-port-forward-\(name).log").split(separator: "\n")
    }

    @Test func `the port that kubectl chose is read, and nothing of it is a complaint`() throws {
        #expect(try lines("good").compactMap { KubectlForward.port($0) } == [19181])
        #expect(try lines("good").allSatisfy { KubectlForward.isNormal($0) })
    }

    @Test(arguments: ["none", "busy", "pending", "port"])
    func `a forward that cannot start names no port, and says why`(name: String) throws {
        #expect(try lines(name).allSatisfy { KubectlForward.port($0) == nil })
        #expect(try lines(name).contains { !KubectlForward.isNormal($0) })
        #expect(try lines(name).allSatisfy { !KubectlForward.isRefusal($0) })
    }

    @Test func `a connection that the pod refused is told from one that was lost`() throws {
        let refused = try lines("refused")
        #expect(refused.filter { KubectlForward.isRefusal($0) }.count == 1)
        #expect(!KubectlForward.isRefusal("error: lost connection to pod"))
    }
}
