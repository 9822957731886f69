import Foundation
import TestSupport
import Testing

@testable import Forwards

/// Whether the program behind a forward is well.
struct ForwardHealthTests {
    private let start = ContinuousClock.now
    private let timing = ForwardTiming()

    /// Lets a question come to its end.
    private func finish(_ health: inout ForwardHealth, now: ContinuousClock.Instant)
        -> ForwardHealth.Failure?
    {
        withScratch { scratch in
            while health.descriptor >= 0 {
                var polled = pollfd(fd: health.descriptor, events: health.events, revents: 0)
                _ = poll(&polled, 1, -1)
                if let failure = health.work(scratch, now: now) { return failure }
            }
            return nil
        }
    }

    @Test func `without a path nothing is asked, and every program counts as well`() throws {
        let child = try ScriptedKubectl(leadingTo: 41923).child()
        var health = ForwardHealth(path: nil, timing: timing)
        #expect(health.isWell)
        #expect(health.isFit(child))
        #expect(health.nextTime(asking: child, isHeld: true) == nil)
        #expect(health.ask(child, among: [child], isHeld: true, now: start) == nil)
        #expect(health.descriptor == -1)
    }

    @Test func `a program that answers is well, and asked again after a while`() throws {
        let server = try EchoServer("HTTP/1.1 200 OK\r\n")
        let child = try ScriptedKubectl(leadingTo: server.port).child()
        var health = ForwardHealth(path: "/healthz", timing: timing)
        #expect(!health.isWell)
        #expect(!health.isFit(child))
        #expect(health.ask(child, among: [child], isHeld: false, now: start) == nil)
        #expect(
            health.nextTime(asking: child, isHeld: false) == start + timing.probeLimit)
        #expect(finish(&health, now: start) == nil)
        #expect(health.isWell)
        #expect(health.isFit(child))
        #expect(health.nextTime(asking: child, isHeld: false) == start + timing.probe)
        health.forget()
        #expect(!health.isWell)
    }

    @Test func `a program that answers an error is not well, and asked again after a pause`() throws
    {
        let server = try EchoServer("HTTP/1.1 503 No\r\n")
        let child = try ScriptedKubectl(leadingTo: server.port).child()
        var health = ForwardHealth(path: "/healthz", timing: timing)
        _ = health.ask(child, among: [child], isHeld: false, now: start)
        let failure = try #require(finish(&health, now: start))
        #expect(failure.reason == "probe http /healthz: it answered 503")
        #expect(failure.child === child)
        #expect(!health.isWell)
        #expect(
            health.nextTime(asking: child, isHeld: false) == start + timing.firstPause)
    }

    @Test func `a program that does not answer in time is not well`() throws {
        let silent = try ListeningSocket()
        let child = try ScriptedKubectl(leadingTo: silent.port).child()
        var health = ForwardHealth(path: "/", timing: timing)
        _ = health.ask(child, among: [child], isHeld: false, now: start)
        let late = start + timing.probeLimit
        #expect(health.ask(child, among: [child], isHeld: false, now: late - .seconds(1)) == nil)
        let failure = health.ask(child, among: [child], isHeld: false, now: late)
        #expect(failure?.reason == "probe http /: no answer within 5.0 seconds")
        #expect(health.descriptor == -1)
        withExtendedLifetime(silent) {}
    }

    @Test func `a question through a kubectl that is no longer used is given up`() throws {
        let silent = try ListeningSocket()
        let scripted = try ScriptedKubectl(leadingTo: silent.port)
        let child = try scripted.child()
        var health = ForwardHealth(path: "/", timing: timing)
        _ = health.ask(child, among: [child], isHeld: false, now: start)
        #expect(health.descriptor >= 0)
        #expect(health.ask(nil, among: [], isHeld: false, now: start) == nil)
        #expect(health.descriptor == -1)
        withExtendedLifetime(silent) {}
    }
}
