import Foundation
import Testing

@testable import Forwards
@testable import Tools

/// A forward that is wanted, to something in the recorded cluster.
func sampleSpec(_ target: String, _ port: String, namespace: String = "shop") -> ForwardSpec {
    ForwardSpec(
        name: "web", namespace: namespace, target: target, address: "127.0.0.1", port: 18080,
        targetPort: port, origin: .configured, id: "1")
}

/// The recorded cluster, as kubectl 1.32.4 tells of it for forwards.
enum SampleCluster {
    static func lines(_ name: String) throws -> [Substring] {
        try Fixture.text("kubectl-1.32.4-kubernetes-1.20.2-forward-\(name).txt")
            .split(separator: "\n")
    }

    static func items(_ name: String) throws -> [KubectlWatch.Item] {
        try lines(name).compactMap { KubectlWatch.item($0) }
    }

    static func view() throws -> ClusterView {
        var view = ClusterView()
        view.beginReading()
        view.endReading(try items("list"))
        return view
    }
}

struct ClusterViewTests {
    @Test(arguments: [
        ("svc/web", "80"), ("svc/web", "web"), ("deployment/web", "8080"),
        ("deployment/web", "http"), ("deployment/web", "9000"),
    ]) func `a target leads to its newest ready pod`(target: String, port: String) throws {
        let choice = try SampleCluster.view().choice(for: sampleSpec(target, port))
        guard case .pod(let destination) = choice else {
            Issue.record("\(choice)")
            return
        }
        #expect(destination.pod.name == "web-68dfc84d4b-td6bw")
        #expect(destination.port == (port == "9000" ? 9000 : 8080))
    }

    @Test(arguments: [
        ("svc/none", "80", "svc/none in namespace shop not found"),
        ("pod/none", "80", "pod/none in namespace shop not found"),
        ("svc/web", "81", "svc/web in namespace shop has no port 81; it has: 80 (web)"),
        ("svc/lonely", "80", "svc/lonely in namespace shop chooses its pods by no labels"),
        (
            "deployment/web", "grpc",
            "pod web-68dfc84d4b-td6bw has no port named 'grpc'"
        ),
    ]) func `what cannot work says why`(target: String, port: String, reason: String) throws {
        #expect(
            try SampleCluster.view().choice(for: sampleSpec(target, port)) == .impossible(reason))
    }

    @Test func `a port that is UDP is refused, and its TCP twin is not`() throws {
        let view = try SampleCluster.view()
        #expect(
            view.choice(for: sampleSpec("svc/kube-dns", "dns", namespace: "kube-system"))
                == .impossible("port dns of svc/kube-dns is UDP, and kubectl forwards only TCP"))
        let both = view.choice(for: sampleSpec("svc/kube-dns", "53", namespace: "kube-system"))
        guard case .pod = both else {
            Issue.record("\(both)")
            return
        }
    }

    @Test func `nothing is known before the first reading`() {
        #expect(ClusterView().choice(for: sampleSpec("svc/web", "80")) == .unknown)
    }

    /// The recorded watch: a pod is deleted, and its successor comes up.
    @Test func `a pod that is replaced is followed event by event`() throws {
        var view = try SampleCluster.view()
        let spec = sampleSpec("svc/web", "80")
        var seen: [String] = []
        for item in try SampleCluster.items("watch") where item.namespace == "shop" {
            view.note(item)
            switch view.choice(for: spec) {
            case .pod(let destination): seen.append("to " + destination.pod.name.suffix(5))
            case .none(_, let coming):
                seen.append(coming.map { "wait for " + $0.pod.name.suffix(5) } ?? "wait")
            case let other: seen.append("\(other)")
            }
        }
        #expect(
            seen == [
                "to td6bw", "wait", "wait", "wait", "wait", "wait for 5qfb8", "to 5qfb8",
                "to 5qfb8",
            ])
    }

    @Test func `why no pod is ready is told`() throws {
        var view = try SampleCluster.view()
        for item in try SampleCluster.items("watch").dropLast(3) { view.note(item) }
        guard case .none(let reason, _) = view.choice(for: sampleSpec("svc/web", "80")) else {
            Issue.record("a pod is ready")
            return
        }
        #expect(
            reason == "no pod of svc/web in namespace shop is ready: web-68dfc84d4b-td6bw is being"
                + " deleted, web-68dfc84d4b-5qfb8 is ContainerCreating")
    }

    @Test func `a pod that a reading no longer names is gone`() throws {
        var view = try SampleCluster.view()
        view.beginReading()
        view.endReading(try SampleCluster.items("list").filter { $0.kind != "Pod" })
        #expect(
            view.choice(for: sampleSpec("svc/web", "80"))
                == .none("svc/web in namespace shop has no pod", coming: nil))
    }

    @Test func `what the watch told during a reading is newer than its answer`() throws {
        var view = try SampleCluster.view()
        let list = try SampleCluster.items("list")
        var pod = try #require(list.first { $0.name == "web-68dfc84d4b-td6bw" })
        view.beginReading()
        pod.event = "DELETED"
        view.note(pod)
        view.endReading(list)
        #expect(!view.isReady(pod.uid))

        view.beginReading()
        pod.event = "ADDED"
        pod.uid = "another"
        view.note(pod)
        view.endReading(list)
        #expect(view.isReady("another"))
    }

    @Test(arguments: ["", "end", "Error from server (Forbidden): pods is forbidden", "a|b|c"])
    func `a line that is no object is none`(line: String) {
        #expect(KubectlWatch.item(line) == nil)
    }

    @Test func `a Service's annotation is read`() throws {
        let services = try SampleCluster.items("list").filter { $0.annotation != nil }
        #expect(services.map(\.name) == ["web"])
        #expect(services.first?.annotation == "29080:web")
    }
}

struct BackOffTests {
    @Test func `pauses double up to a limit, and are short while a client waits`() {
        let timing = ForwardTiming()
        let now = ContinuousClock.now
        var backOff = BackOff()
        #expect(backOff.isDue(timing, isHeld: false, now: now))
        var pauses: [Duration] = []
        for _ in 0..<12 {
            backOff.fail(timing, now: now)
            if let time = backOff.dueTime(timing, isHeld: false) { pauses.append(time - now) }
        }
        #expect(pauses.prefix(3) == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
        #expect(pauses.last == .seconds(30))
        #expect(backOff.dueTime(timing, isHeld: true) == now + .seconds(1))
        backOff.reset()
        #expect(backOff.dueTime(timing, isHeld: false) == nil)
    }
}
