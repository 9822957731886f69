import TestSupport
import Testing

@testable import Forwards
@testable import Vocabulary

/// The clients of a forward: held, let through, counted.
struct ForwardClientsTests {
    private let start = ContinuousClock.now
    private let timing = ForwardTiming()
    private let samples: SampleClients
    private let server: EchoServer

    init() throws {
        samples = try SampleClients()
        server = try EchoServer("pod")
    }

    private func clients(_ count: Int) throws -> ForwardClients {
        var clients = ForwardClients(timing: timing, sent: 0, received: 0)
        for _ in 0..<count { clients.add(try samples.next(), now: start) }
        return clients
    }

    private func connected(_ clients: ForwardClients) -> Int {
        clients.relays.count { $0.state != .held }
    }

    @Test func `until kubectl let somebody through only one client is tried`() throws {
        let child = try ScriptedKubectl(leadingTo: server.port).child()
        var clients = try clients(3)
        #expect(clients.isHeld)
        clients.feed(through: child, port: server.port, now: start)
        #expect(connected(clients) == 1)
        #expect(clients.areUsing(child))
        let proof = start + timing.proof
        #expect(clients.nextTime(through: child, isFit: { _ in true }, now: start) == proof)
        clients.feed(through: child, port: server.port, now: start + .milliseconds(1))
        #expect(connected(clients) == 1)
        clients.feed(through: child, port: server.port, now: proof)
        #expect(connected(clients) == 3)
        #expect(child.isProven)
        #expect(clients.unanswered(by: child) == 3)
    }

    @Test func `those that were held come a few at once, and then one by one`() throws {
        let child = try ScriptedKubectl(leadingTo: server.port).child()
        child.isProven = true
        var clients = try clients(timing.burst + 2)
        let now = start + timing.moment * 2
        clients.feed(through: child, port: server.port, now: now)
        #expect(connected(clients) == timing.burst)
        let next = try #require(clients.nextTime(through: child, isFit: { _ in true }, now: now))
        #expect(next == now + timing.pace)
        clients.feed(through: child, port: server.port, now: next)
        #expect(connected(clients) == timing.burst + 1)
    }

    @Test func `those that come just now are not paced`() throws {
        let child = try ScriptedKubectl(leadingTo: server.port).child()
        child.isProven = true
        var clients = try clients(timing.burst + 2)
        clients.feed(through: child, port: server.port, now: start)
        #expect(connected(clients) == timing.burst + 2)
        #expect(!clients.isHeld)
    }

    @Test func `a client that was held for too long is given up`() throws {
        var clients = try clients(1)
        let end = try #require(
            clients.nextTime(through: nil, isFit: { _ in true }, now: start))
        #expect(end == start + timing.hold)
        #expect(clients.giveUp(now: end - .seconds(1)) == false)
        #expect(clients.giveUp(now: end) == true)
        #expect(clients.isEmpty)
        #expect(clients.giveUp(now: end) == false)
    }

    @Test func `bytes of a connection count while it goes on and when it is over`() throws {
        var clients = ForwardClients(timing: timing, sent: 10, received: 20)
        let client = try samples.next()
        clients.add(client, now: start)
        try samples.send("hello", to: client)
        let relay = clients.relays[0]
        _ = withScratch { relay.work($0, isClientGone: false) }
        #expect(clients.sent == 15)
        clients.close(relay)
        #expect(clients.isEmpty)
        #expect(clients.sent == 15)
        #expect(clients.received == 20)
        #expect(relay.state == .closed)
    }
}
