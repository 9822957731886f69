import TestSupport
import Testing

@testable import Forwards
@testable import Tools

/// The kubectls behind a forward, from pod to pod.
struct ForwardChildrenTests {
    private let start = ContinuousClock.now
    private let timing = ForwardTiming()

    private func children(_ scripted: ScriptedKubectl) -> ForwardChildren {
        ForwardChildren(kubectl: scripted.kubectl, namespace: "shop", timing: timing)
    }

    /// Aims at a pod and starts what leads there, until it listens.
    private func lead(_ children: inout ForwardChildren, to uid: String) throws
        -> ForwardChildren.Start
    {
        _ = children.aim(at: samplePod(uid))
        let started = try #require(
            try children.start(to: samplePod(uid), isHeld: false, now: start))
        started.child.readUntilItListens()
        return started
    }

    @Test func `a kubectl is used when it listens and its program is fit`() throws {
        let scripted = try ScriptedKubectl(leadingTo: 41923)
        var children = children(scripted)
        #expect(!children.hasCurrentOrNext)
        let started = try lead(&children, to: "1")
        #expect(!started.isRestart)
        #expect(children.current == nil)
        #expect(children.listening === started.child)
        #expect(children.advance(isUsed: { _ in false }, isFit: { _ in false }) == false)
        #expect(children.advance(isUsed: { _ in false }, isFit: { _ in true }) == true)
        #expect(children.current === started.child)
        #expect(try children.start(to: samplePod("1"), isHeld: false, now: start) == nil)
    }

    @Test func `the kubectl of the pod of before stays while connections use it`() throws {
        let scripted = try ScriptedKubectl(leadingTo: 41923)
        var children = children(scripted)
        let first = try lead(&children, to: "1").child
        _ = children.advance(isUsed: { _ in false }, isFit: { _ in true })
        let second = try lead(&children, to: "2")
        #expect(second.isRestart)
        #expect(children.current === first)
        #expect(children.advance(isUsed: { $0 === first }, isFit: { _ in true }) == true)
        #expect(children.current === second.child)
        #expect(children.all.contains { $0 === first })
        children.release { _ in false }
        #expect(children.all.map(\.pod.uid) == ["2"])
    }

    @Test func `one that is to follow is given up when another pod is chosen`() throws {
        let scripted = try ScriptedKubectl(leadingTo: 41923)
        var children = children(scripted)
        _ = try lead(&children, to: "1")
        #expect(children.aim(at: samplePod("1")) == false)
        #expect(children.hasCurrentOrNext)
        #expect(children.aim(at: samplePod("2")) == true)
        #expect(!children.hasCurrentOrNext)
    }

    @Test func `one that ends by itself says why, and the next waits unless the pod is another`()
        throws
    {
        let scripted = try ScriptedKubectl(
            saying: "error: unable to forward port because pod is not running", stays: false)
        var children = children(scripted)
        let child = try lead(&children, to: "1").child
        while !child.hasEnded {
            child.waitForOutput()
            _ = child.readOutput()
        }
        #expect(
            children.bury(now: start) == [
                "error: unable to forward port because pod is not running"
            ])
        #expect(children.all.isEmpty)
        #expect(children.hasFailed)
        #expect(children.startTime(isHeld: false) == start + timing.firstPause)
        #expect(try children.start(to: samplePod("1"), isHeld: false, now: start) == nil)
        #expect(children.aim(at: samplePod("2")) == true)
        #expect(!children.hasFailed)
    }

    @Test func `an answer ends the pauses, and idleness ends all`() throws {
        let scripted = try ScriptedKubectl(leadingTo: 41923)
        var children = children(scripted)
        let child = try lead(&children, to: "1").child
        _ = children.advance(isUsed: { _ in false }, isFit: { _ in true })
        children.fail(isUsed: { _ in true }, now: start)
        #expect(children.current == nil)
        #expect(children.all.count == 1)
        // Of one that is not used any more it says nothing about the next.
        children.succeed(child)
        #expect(child.isProven)
        #expect(children.hasFailed)
        children.tryAgain()
        #expect(!children.hasFailed)
        children.end()
        #expect(children.all.isEmpty)
        #expect(try lead(&children, to: "1").isRestart == false)
    }
}
