import TestSupport
import Testing

@testable import Forwards

/// The local port of a forward.
struct ForwardListenerTests {
    private let start = ContinuousClock.now
    private let timing = ForwardTiming()

    private func listener(_ port: Int) -> ForwardListener {
        ForwardListener(address: "127.0.0.1", port: port, timing: timing)
    }

    @Test func `a port that another has is tried again after a pause that doubles`() throws {
        let other = try ListeningSocket(port: freePort())
        var listener = listener(other.port)
        for pause in [timing.firstPause, timing.firstPause * 2] {
            let now = listener.nextTime ?? start
            guard case .failed(let reason) = listener.open(now: now) else {
                Issue.record("it listens")
                return
            }
            #expect(reason.hasPrefix("cannot listen on 127.0.0.1:\(other.port): "))
            #expect(reason.contains("in use"))
            #expect(listener.nextTime == now + pause)
            #expect(listener.open(now: now) == .notTried)
        }
        withExtendedLifetime(other) {}
    }

    @Test func `a request makes the next attempt due at once`() throws {
        var other: ListeningSocket? = try ListeningSocket(port: freePort())
        var listener = listener(try #require(other).port)
        _ = listener.open(now: start)
        other = nil
        #expect(listener.open(now: start) == .notTried)
        listener.tryAgain()
        #expect(listener.nextTime == nil)
        #expect(listener.open(now: start) == .opened)
        #expect(listener.isOpen)
        #expect(listener.open(now: start) == .notTried)
    }

    @Test func `clients are taken until nobody waits`() throws {
        let port = freePort()
        var listener = listener(port)
        #expect(listener.open(now: start) == .opened)
        let client = try #require(Socket.connecting(port: port))
        while true {
            if case .client = listener.accept() { break }
        }
        guard case .nobody = listener.accept() else {
            Issue.record("somebody came")
            return
        }
        listener.close()
        #expect(listener.descriptor == -1)
        withExtendedLifetime(client) {}
    }
}
