import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Forwards
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

/// The machine's clock, so much ahead as a test says.
private final class AdvancedClock: Sendable {
    private let ahead = Mutex(Duration.zero)

    var now: ContinuousClock.Instant { ContinuousClock.now + ahead.withLock { $0 } }

    func advance(by duration: Duration) { ahead.withLock { $0 += duration } }
}

/// What commands do, and what clients see of it.
struct PortForwardsTests {
    private let scene: ForwardScene
    private var sample: SampleSession { scene.sample }
    private var port: Int { scene.port }
    private var configured: [Configuration.Forward] { scene.configured }
    private var ledger: ForwardLedger { scene.ledger }

    init() throws { scene = try ForwardScene() }

    @Test func `a forward is usable when it has started, and its kubectl comes with a client`()
        async throws
    {
        try await scene.cleaningUp {
            let status = try #require(try await scene.forwards().start(configured).first)
            #expect(status.state == .running)
            #expect(status.forward.pod == "web-68dfc84d4b-td6bw")
            #expect(status.forward.process == nil)
            #expect(await EchoServer.ask(port, "hello") == "first:hello")
            #expect(
                try sample.folder.text("arguments")
                    == "--kubeconfig \(sample.place.kubeconfig) --context kind-devcluster-demo"
                    + " --namespace shop port-forward --address 127.0.0.1 pod/web-68dfc84d4b-td6bw"
                    + " :8080\n")
            try await scene.eventually("the kubectl is in the ledger") {
                ledger.read("web")?.process?.isAlive == true
            }
        }
        #expect(await EchoServer.ask(port, "hello") == nil)
        #expect(try ledger.records().isEmpty)
    }

    @Test func `up starts what is configured, once`() async throws {
        sample.runner.expectKubectl(
            ["get", "svc/web", "--ignore-not-found"], returning: .ok("service/web\n"))
        try await scene.cleaningUp {
            try await scene.forwards().resume()
            let record = try #require(ledger.read("web"))
            #expect(record.state == .running)
            try await scene.forwards().resume()
            #expect(ledger.read("web")?.request == record.request)
            #expect(await EchoServer.ask(port, "hello") == "first:hello")
        }
        #expect(sample.activity.notes.isEmpty)
    }

    @Test func `up tells of a forward whose target is not there yet, and goes on`() async throws {
        let scene = try ForwardScene(target: "svc/none")
        scene.sample.runner.expectKubectl(
            ["get", "svc/none", "--ignore-not-found"], namespace: "shop")
        try await scene.forwards().resume()
        #expect(
            scene.sample.activity.notes == [
                "forward web starts when svc/none in namespace shop is there: devcluster deploy"
            ])
        #expect(try scene.ledger.records().isEmpty)
    }

    @Test func `a cluster that does not say whether a target is there gets the forward tried`()
        async throws
    {
        let scene = try ForwardScene(target: "svc/none")
        scene.sample.runner.expectKubectl(
            ["get", "svc/none", "--ignore-not-found"], returning: .failure(1), times: nil)
        try await scene.forwards().resume()
        #expect(
            scene.sample.activity.notes == [
                "the forward 'web' to svc/none in namespace shop did not start: svc/none in"
                    + " namespace shop not found; devcluster deploy tries again"
            ])
        try await scene.hasEnded()
    }

    @Test func `a client is held while the pod is replaced, and then served by the next`()
        async throws
    {
        let second = try EchoServer("second")
        try scene.lead("web-68dfc84d4b-5qfb8", to: second)
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(configured)
            #expect(await EchoServer.ask(port, "a") == "first:a")
            let events = try SampleCluster.lines("watch").dropFirst(8)
            try scene.happen(events.prefix(4))
            try await scene.eventually("no pod is ready") { ledger.read("web")?.state == .waiting }
            async let answer = EchoServer.ask(port, "b")
            try await scene.eventually("the client is held, and the reason is known") {
                ledger.read("web").map {
                    $0.connections == 2 && $0.lastError?.contains("is ContainerCreating") == true
                } ?? false
            }
            try scene.happen(events.dropFirst(4))
            #expect(await answer == "second:b")
            #expect(ledger.read("web")?.restarts == 1)
        }
    }

    @Test func `clients that were held do not all come at once`() async throws {
        // A program's queue of connections may be short, and what does not fit waits a second.
        let second = try EchoServer("second", delay: 50_000)
        try scene.lead("web-68dfc84d4b-5qfb8", to: second)
        var timing = ForwardScene.patient
        timing.pace = .seconds(3600)
        try await scene.cleaningUp {
            _ = try await scene.forwards(timing).start(configured)
            let events = try SampleCluster.lines("watch").dropFirst(8)
            try scene.happen(events.prefix(4))
            try await scene.eventually("no pod is ready") { ledger.read("web")?.state == .waiting }
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<16 { group.addTask { await EchoServer.ask(port, "b") } }
                try await scene.eventually("all are held") {
                    ledger.read("web")?.connections == 16
                }
                try scene.happen(events.dropFirst(4))
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0 == "second:b" })
            #expect((1...timing.burst).contains(second.mostAtOnce))
        }
    }

    @Test func `a kubectl that is killed is replaced with the next client`() async throws {
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(configured)
            #expect(await EchoServer.ask(port, "a") == "first:a")
            try await scene.eventually("the kubectl is in the ledger") {
                ledger.read("web")?.process != nil
            }
            let killed = try #require(ledger.read("web")?.process)
            killed.send(SIGKILL)
            #expect(await EchoServer.ask(port, "b") == "first:b")
            try await scene.eventually("another kubectl is in the ledger") {
                ledger.read("web")?.process.map { $0 != killed } ?? false
            }
            #expect(killed.isAlive == false)
        }
    }

    @Test func `a kubectl that nobody uses is ended, and comes again with a client`() async throws {
        let clock = AdvancedClock()
        var timing = ForwardScene.patient
        timing.now = { clock.now }
        timing.longestWait = .milliseconds(20)
        try await scene.cleaningUp {
            _ = try await scene.forwards(timing).start(configured)
            #expect(await EchoServer.ask(port, "a") == "first:a")
            try await scene.eventually("the kubectl is in the ledger") {
                ledger.read("web").map { $0.process != nil && $0.connections == 1 } ?? false
            }
            clock.advance(by: timing.idle)
            try await scene.eventually("the kubectl is ended") {
                ledger.read("web").map { $0.process == nil && $0.connections == 1 } ?? false
            }
            #expect(await EchoServer.ask(port, "b") == "first:b")
        }
    }

    @Test func `a client that waits too long sees an error`() async throws {
        var timing = ForwardScene.patient
        timing.hold = .milliseconds(300)
        try await scene.cleaningUp {
            _ = try await scene.forwards(timing).start(configured)
            try scene.happen(try SampleCluster.lines("watch").dropFirst(8).prefix(4))
            try await scene.eventually("no pod is ready") { ledger.read("web")?.state == .waiting }
            #expect(await EchoServer.ask(port, "a") == nil)
        }
    }

    @Test func `all names that mean nothing are told at once`() async throws {
        let unknown = #expect(throws: DevClusterError.self) {
            try scene.forwards().select(["web", "a", "b"])
        }
        #expect(unknown?.message == "there is no forward 'a', 'b' in spec.forwards")
        let absent = await #expect(throws: DevClusterError.self) {
            try await scene.forwards().stop(["a", "b"])
        }
        #expect(absent?.message == "there is no forward 'a', 'b' of devcluster-demo")
    }

    @Test func `a forward that runs already is left alone`() async throws {
        try await scene.cleaningUp {
            let first = try await scene.forwards().start(configured)
            let second = try await scene.forwards().start(configured)
            #expect(first.map(\.forward.request) == second.map(\.forward.request))
            #expect(second.map(\.state) == [.running])
        }
    }

    @Test func `a file of specs that is damaged ends nothing`() async throws {
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(configured)
            try AtomicFile.write(Data("{\"vers".utf8), to: ForwardSpecs.path(sample.place.folder))
            WakePipe.send(.look, folder: sample.place.folder)
            #expect(await EchoServer.ask(port, "a") == "first:a")
            #expect(try scene.forwards().requests.specs().forwards.map(\.name) == ["web"])
        }
    }

    @Test func `a target that does not exist is an error, and nothing is left`() async throws {
        var forward = configured[0]
        forward.target = try TargetReference("svc/none")
        let error = await #expect(throws: DevClusterError.self) {
            try await scene.forwards().start([forward])
        }
        #expect(
            error?.message == "the forward 'web' to svc/none in namespace shop did not start:"
                + " svc/none in namespace shop not found")
        #expect(try ledger.statuses().isEmpty)
        try await scene.hasEnded()
    }

    @Test func `stopping ends what is named, and the supervisor with the last`() async throws {
        var other = configured[0]
        other.name = try ForwardName("other")
        other.port = try PortNumber(freePort())
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(configured + [other])
            #expect(try await scene.forwards().stop(["web"]) == ["web"])
            try await scene.eventually("the first is gone") {
                try ledger.records().map(\.name) == ["other"] && PortHolder.isFree(port)
            }
            #expect(try await scene.forwards().stop([]) == ["other"])
            try await scene.hasEnded()
        }
    }

    @Test func `a port that a forward of another cluster has is refused with its name`()
        async throws
    {
        let process = try SleepingProcess()
        var other = sampleForward("gateway", process: process.identity)
        other.port = port
        try ForwardLedger(folder: sample.session.state.cluster(.podman, "other")).write(other)
        let error = await #expect(throws: DevClusterError.self) {
            try await scene.forwards().start(configured)
        }
        #expect(error?.message.contains("the forward 'gateway' of other has it") == true)
        #expect(error?.hint?.contains("devcluster pf stop gateway") == true)
        #expect(process.identity.isAlive)
    }

    @Test func `without a cluster there is nothing to forward to`() async throws {
        sample.place.record.remove()
        let error = await #expect(throws: DevClusterError.self) {
            try await scene.forwards().start(configured)
        }
        #expect(error?.message == "there is no cluster 'devcluster-demo' of devcluster")
    }

    @Test func `a busy port is refused with its holder, and nothing is started`() async throws {
        let socket = try ListeningSocket(port: port)
        let error = await #expect(throws: DevClusterError.self) {
            try await scene.forwards().start(configured)
        }
        #expect(error?.message.hasPrefix("port \(socket.port) is needed for the forward") == true)
        #expect(try ledger.statuses().isEmpty)
        #expect(!ledger.isSupervised)
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

    @Test func `stopping what is not there names what is`() async throws {
        try ledger.write(sampleForward("hello", process: nil))
        let error = await #expect(throws: DevClusterError.self) {
            try await scene.forwards().stop(["hallo"])
        }
        #expect(error?.message == "there is no forward 'hallo' of devcluster-demo")
        #expect(error?.hint == "there are: hello")
        #expect(try ledger.records().count == 1)
    }

    @Test func `a forward that is not configured names those that are`() {
        let error = #expect(throws: DevClusterError.self) { try scene.forwards().select(["hallo"]) }
        #expect(error?.message == "there is no forward 'hallo' in spec.forwards")
        #expect(error?.hint == "it has: web")
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
            let found = cleanup.foreign.first { $0.process == foreign }
            #expect(found?.user.isEmpty == false)
            #expect(!cleanup.endedForeign)
            #expect(foreign.isAlive)
            #expect(!ours.identity.isAlive)
        }
    #endif
}
