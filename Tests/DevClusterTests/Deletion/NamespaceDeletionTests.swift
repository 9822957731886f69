import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Vocabulary
@testable import Workloads

struct NamespaceDeletionTests {
    private let sample: SampleSession
    private let clock = ManualClock()

    init() throws {
        sample = try SampleSession()
        try sample.remember()
    }

    private func deletion(
        _ name: String = "shop", strips: Bool = false, patience: Duration = .zero,
        in sample: SampleSession? = nil
    ) throws -> NamespaceDeletion {
        var deletion = NamespaceDeletion(
            session: (sample ?? self.sample).session, namespace: try NamespaceName(name),
            stripsFinalizers: strips)
        deletion.patience = patience
        deletion.clock = clock.clock
        return deletion
    }

    private func events() throws -> [Substring] {
        try Fixture.text("kubectl-1.32.4-kubernetes-1.20.2-watch-namespace.txt")
            .split(separator: "\n")
    }

    /// The recorded namespace before anybody deleted it.
    private func active() throws -> String {
        let uid = try events()[0].split(separator: " ")[1]
        return #"{"metadata":{"name":"shop","uid":"\#(uid)"},"status":{"phase":"Active"}}"#
    }

    /// A watch that lasts until it is cancelled.
    private let hang: ScriptedRunner.Answer = { invocation in
        do { try await Task.sleep(for: .seconds(3600)) } catch {
            throw InvocationError(.cancelled, invocation)
        }
        return .ok()
    }

    private func expectWatch(
        _ range: Range<Int>, times: Int? = 1, in sample: SampleSession? = nil
    ) throws {
        let text = try events()[range].map { $0 + "\n" }.joined()
        (sample ?? self.sample).runner.expectKubectl(
            ["get", "namespace/shop", "--watch"], returning: .ok(text), times: times)
    }

    @Test func `one watch tells everything until the namespace is gone`() async throws {
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop", "--wait=false"])
        try expectWatch(0..<5)
        let report = try await deletion(patience: .seconds(60)).run()
        #expect(report.deleted == ["namespace/shop"])
        #expect(sample.runner.kubectlCalls.count == 3)
        #expect(
            sample.activity.notes == [
                "namespace shop: 2 objects left: 1 configmaps, 1 pods",
                "namespace shop: nothing left that its controller names",
            ])
    }

    @Test func `a namespace that is not there is fine`() async throws {
        sample.runner.expectKubectl(["get", "namespace/shop"])
        #expect(try await deletion().run().absent == ["namespace/shop"])
    }

    @Test func `one that is being deleted already is only awaited`() async throws {
        sample.runner.expectKubectl(
            ["get", "namespace/shop"],
            returning: .ok(try Fixture.cluster("namespace-terminating")))
        try expectWatch(2..<5)
        #expect(try await deletion(patience: .seconds(60)).run().deleted == ["namespace/shop"])
    }

    @Test func `another namespace of the same name was made after ours was gone`() async throws {
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        sample.runner.expectKubectl(
            ["get", "namespace/shop", "--watch"],
            returning: .ok("ADDED 11111111-2222 {\"phase\":\"Active\"}\n"))
        #expect(try await deletion().run().deleted == ["namespace/shop"])
    }

    @Test func `an error is told and never taken for gone`() async throws {
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        let refused = "The connection to the server 127.0.0.1:43317 was refused\n"
        sample.runner.expectKubectl(
            ["get", "namespace/shop", "--watch"], returning: .failure(1, stderr: refused))
        sample.runner.expectKubectl(
            ["get", "namespace/shop"], returning: .failure(1, stderr: refused))
        sample.runner.expectKubectl(["get", "namespace/shop"])
        #expect(try await deletion().run().deleted == ["namespace/shop"])
        #expect(
            sample.activity.warnings == [
                "reading namespace shop failed (1 in a row): "
                    + "The connection to the server 127.0.0.1:43317 was refused"
            ])
    }

    @Test func `an API that is silent for long ends it, and nothing is called gone`() async throws {
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        try expectWatch(2..<3)
        sample.runner.expectKubectl(["get", "namespace/shop"], times: nil) { invocation in
            throw InvocationError(.timedOut, invocation)
        }
        let error = await #expect(throws: DevClusterError.self) { try await deletion().run() }
        #expect(
            error?.message.hasSuffix("so nobody knows what became of namespace shop") == true)
        #expect(clock.elapsed >= .seconds(30))
        #expect(clock.elapsed < .seconds(60))
        let told = sample.activity.warnings.filter { $0.contains("reading namespace shop failed") }
        #expect(told.count >= 5, "each failed read is told")
        #expect(sample.runner.kubectlCalls.count { $0.contains("--watch") } == 1)
    }

    @Test func `a watch that hangs is left, and the API itself is asked`() async throws {
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        sample.runner.expectKubectl(["get", "namespace/shop", "--watch"], answering: hang)
        sample.runner.expectKubectl(["get", "namespace/shop"])
        #expect(try await deletion().run().deleted == ["namespace/shop"])
    }

    @Test func `a watch that missed nothing is kept while nothing is left`() async throws {
        let event = try events()[3]
        let parts = event.split(separator: " ", maxSplits: 2)
        let terminating =
            #"{"metadata":{"name":"shop","uid":"\#(parts[1])"},"status":\#(parts[2])}"#
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        sample.runner.expectKubectl(
            ["get", "namespace/shop", "--watch"], printing: event + "\n", answering: hang)
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(terminating))
        sample.runner.expectKubectl(["get", "namespace/shop"])
        sample.runner.expectKubectl(["get", "pods"], times: nil)
        #expect(try await deletion().run().deleted == ["namespace/shop"])
        #expect(sample.runner.kubectlCalls.count { $0.contains("--watch") } == 1)
    }

    /// From Kubernetes 1.33 on the conditions say that all content is removed as long as pods are
    /// left (pkg/controller/namespace/deletion/namespaced_resources_deleter.go, v1.36.3).
    @Test func `a pod of which the conditions say nothing is named, and its finalizer taken out`()
        async throws
    {
        let event = try events()[3]
        let parts = event.split(separator: " ", maxSplits: 2)
        let terminating =
            #"{"metadata":{"name":"shop","uid":"\#(parts[1])"},"status":\#(parts[2])}"#
        let pod = #"""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "held", "namespace": "shop",
            "uid": "1", "deletionTimestamp": "2020-01-01T00:00:00Z",
            "finalizers": ["example.com/hold"]}}
            """#
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        sample.runner.expectKubectl(
            ["get", "namespace/shop", "--watch"], returning: .ok(event + "\n"), times: 2)
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(terminating))
        sample.runner.expectKubectl(
            ["get", "pods"],
            returning: .ok(#"{"apiVersion": "v1", "kind": "List", "items": [\#(pod)]}"#))
        sample.runner.expectKubectl(["patch", "Pod.v1./held", "--type=merge"])
        sample.runner.expectKubectl(["get", "namespace/shop"])
        let report = try await deletion(strips: true).run()
        #expect(report.stripped == ["pod/held: example.com/hold"])
        #expect(
            sample.activity.warnings.first?.hasPrefix(
                "namespace shop is stuck: pod/held is kept by the finalizer example.com/hold")
                == true)
        #expect(!sample.activity.notes.contains { $0.hasSuffix("nothing left") })
    }

    @Test func `the deadline names what is left, what keeps it, and commands to go on`()
        async throws
    {
        let sample = try SampleSession(["timeouts": ["delete": "20m"]])
        try sample.remember()
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        try expectWatch(2..<3, times: nil, in: sample)
        sample.runner.expectKubectl(
            ["get", "namespace/shop"],
            returning: .ok(try Fixture.cluster("namespace-terminating")), times: nil)
        sample.runner.expectKubectl(
            ["get", "configmaps,pods"], returning: .ok(try Fixture.cluster("remaining")),
            times: nil)
        let error = await #expect(throws: DevClusterError.self) {
            try await deletion(patience: .seconds(15), in: sample).run()
        }
        #expect(error?.code == .deadline)
        #expect(error?.message.hasPrefix("not gone after 20m: namespace shop is stuck: ") == true)
        #expect(
            error?.message.contains("configmap/held is kept by the finalizer example.com/hold")
                == true)
        #expect(
            error?.hint?.contains("kubectl --context kind-devcluster-demo get namespace shop")
                == true)
        #expect(
            error?.hint?.contains("devcluster delete namespace shop --strip-finalizers") == true)
        #expect(sample.activity.warnings.count == 1, "said once")
        #expect(clock.elapsed >= .seconds(1200))
        #expect(!sample.runner.kubectlCalls.contains { $0.hasPrefix("patch") })
    }

    @Test func `finalizers are taken out when asked for, of what is deleted only, and shown`()
        async throws
    {
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        try expectWatch(2..<3, times: 2)
        sample.runner.expectKubectl(
            ["get", "namespace/shop"],
            returning: .ok(try Fixture.cluster("namespace-terminating")))
        sample.runner.expectKubectl(
            ["get", "configmaps,pods"], returning: .ok(try Fixture.cluster("remaining")))
        sample.runner.expectKubectl(["patch", "ConfigMap.v1./held", "--type=merge"])
        sample.runner.expectKubectl(["get", "namespace/shop"])
        let report = try await deletion(strips: true).run()
        #expect(report.stripped == ["configmap/held: example.com/hold"])
        #expect(
            sample.activity.warnings.last
                == "taking the finalizers out of configmap/held: example.com/hold")
    }

    @Test func `a dry run shows the deletion and waits for nothing`() async throws {
        let dry = try SampleSession(isDryRun: true)
        dry.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        dry.runner.expectKubectl(["delete", "namespace/shop"])
        _ = try await NamespaceDeletion(
            session: dry.session, namespace: try NamespaceName("shop")
        ).run()
    }

    @Test(arguments: ["default", "kube-system"])
    func `what a cluster needs is not deleted`(name: String) async throws {
        await #expect(throws: DevClusterError.self) { try await deletion(name).run() }
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `waiting ends when the task is cancelled`() async throws {
        sample.runner.expectKubectl(["get", "namespace/shop"], returning: .ok(try active()))
        sample.runner.expectKubectl(["delete", "namespace/shop"])
        sample.runner.expectKubectl(["get", "namespace/shop", "--watch"], answering: hang)
        let task = Task { try await deletion(patience: .seconds(60)).run() }
        while sample.runner.calls.count < 3 { await Task.yield() }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
    }

    /// Recorded with Kubernetes 1.20.2 while three pods whose programs had ended were still listed.
    @Test func `ended pods that are still listed do not keep a namespace`() throws {
        let status = { (type: String, message: String) in
            try NamespaceContent(
                status: JSONValue(
                    parsing: Data(
                        #"{"conditions":[{"type":"\#(type)","status":"True","message":"\#(message)"}]}"#
                            .utf8)))
        }
        let ended = try status(
            "NamespaceDeletionContentFailure",
            "Failed to delete all resource types, 1 remaining: unexpected items still remain in "
                + "namespace: gone3 for gvr: /v1, Resource=pods")
        #expect(!ended.hasObstacle)
        #expect(ended.failures.count == 1)
        // Not recorded: the form of the first with a reason that only somebody can remove.
        let refused = try status(
            "NamespaceDeletionContentFailure",
            "Failed to delete all resource types, 1 remaining: admission webhook denied the request"
        )
        #expect(refused.hasObstacle)
    }
}
