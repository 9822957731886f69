import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

/// The recorded cluster `devcluster-demo` as scripted tools show it: what is read can be read any
/// number of times; what changes something has to be expected by the test.
final class SampleEngine: Sendable {
    private struct State {
        var containers: Set<String>
        var stopped: Set<String> = []
        /// Nodes whose containerd does not answer.
        var silent: Set<String> = []
        /// Whether nothing in a node ends.
        var isHanging = false
        /// Containers whose removal was killed half way.
        var removing: Set<String> = []
        var texts: [String: String] = [:]
    }

    static let registry = "devcluster-demo-registry"
    static let nodes = ["devcluster-demo-control-plane", "devcluster-demo-worker"]
    private static let recordings = [
        registry: "running", nodes[0]: "control-plane", nodes[1]: "worker",
    ]

    private let state: Mutex<State>

    /// An engine that has these containers, all running.
    init(_ containers: [String] = nodes + [registry]) {
        state = Mutex(State(containers: Set(containers)))
    }

    func add(_ containers: [String]) {
        state.withLock { $0.containers.formUnion(containers) }
    }

    func remove(_ containers: [String]) {
        state.withLock {
            $0.containers.subtract(containers)
            $0.removing.subtract(containers)
        }
    }

    /// Ends containerd in a node; a restart of the node brings it back.
    func silence(_ node: String) { state.withLock { _ = $0.silent.insert(node) } }

    /// Lets what is run in nodes hang until it is ended.
    func hang() { state.withLock { $0.isHanging = true } }

    /// Leaves a container as podman does when its removal is killed: listed, and not inspected.
    func halfRemove(_ container: String) {
        state.withLock { _ = $0.removing.insert(container) }
    }

    func stop(_ container: String) { state.withLock { _ = $0.stopped.insert(container) } }

    /// Puts other text into what podman says of the containers.
    func replace(_ text: String, with other: String) {
        state.withLock { $0.texts[text] = other }
    }

    /// Makes the runner answer `inspect` and `ps`.
    func install(_ runner: ScriptedRunner) {
        runner.expect("podman", ["inspect", "--type", "container"], times: nil) { [self] in
            try inspect(Array($0.arguments.dropFirst(3)))
        }
        runner.expect("podman", ["ps", "--all", "--filter"], times: nil) { [self] _ in
            let nodes = state.withLock { $0.containers }.intersection(SampleEngine.nodes).sorted()
            return .ok(nodes.map { $0 + "\n" }.joined())
        }
        runner.expect("podman", ["ps", "--all", "--external"], times: nil) { [self] _ in
            let half = state.withLock { $0.removing }.sorted().map {
                #"{"Id": "abc", "Names": ["\#($0)"], "State": "removing", "Command": null}"#
            }
            return .ok("[" + half.joined(separator: ",") + "]")
        }
        // Ends what a cut-short run left inside a node.
        for name in SampleEngine.nodes + ["rec-foreign"] {
            runner.expect("podman", ["exec", name, "sh", "-c"], times: nil)
        }
        runner.expect(
            where: { [self] in
                $0.arguments.first == "exec" && state.withLock { $0.isHanging }
            }, named: "exec that hangs", times: nil
        ) { throw InvocationError(.timedOut, $0) }
        runner.expect(
            where: { [self] in
                $0.arguments.contains { $0.hasPrefix("crictl") }
                    && !state.withLock { $0.silent }.isDisjoint(with: $0.arguments)
            }, named: "crictl where containerd is gone", times: nil
        ) { _ in .failure(1, stderr: "dial unix /run/containerd/containerd.sock\n") }
        runner.expect(
            where: { $0.arguments.suffix(2) == ["crictl", "version"] }, named: "crictl version",
            times: nil
        ) { _ in .ok() }
        runner.expect("podman", ["restart"], times: nil) { [self] invocation in
            state.withLock { $0.silent.subtract(invocation.arguments) }
            return .ok()
        }
        runner.expect(
            "podman", ["network", "inspect", "kind", "--format", "{{.DNSEnabled}}"],
            returning: .ok("true\n"), times: nil)
        runner.expect(
            "iptables", returning: .failure(4, stderr: "you must be root\n"), times: nil)
        runner.expect("podman", ["start"], times: nil) { [self] invocation in
            state.withLock { $0.stopped.subtract(invocation.arguments) }
            return .ok()
        }
    }

    private func inspect(_ names: [String]) throws -> Outcome {
        let state = state.withLock { $0 }
        guard state.removing.isDisjoint(with: names) else {
            // podman 4.3.1
            let message = "getting container from store \"abc\": container not known"
            return .failure(125, stderr: "Error: \(message)\n")
        }
        let found = names.filter(state.containers.contains)
        let elements = try found.map { name -> String in
            let text = try Fixture.inspect(
                [try #require(SampleEngine.recordings[name])], replacing: state.texts)
            let changed =
                state.stopped.contains(name)
                ? text.replacing("\"Status\": \"running\"", with: "\"Status\": \"exited\"") : text
            return String(changed.dropFirst().dropLast())
        }
        let text = "[" + elements.joined(separator: ",") + "]"
        return found.count == names.count
            ? .ok(text)
            : .failure(125, stderr: "Error: inspecting object: no such container\n", output: text)
    }
}

extension ScriptedRunner {
    /// Lets the cluster and the registry answer as the recorded, healthy ones did.
    func expectHealthyCluster() throws {
        var registry = SampleRegistry()
        try registry.add("devcluster-proof", "1", "1")
        expectCurl(registry)
        expect(
            "kubectl", ["config", "view"],
            returning: .ok(try Fixture.text("kubectl-1.32.4-config-view.json")), times: nil)
        expectKubectl(
            ["get", "nodes,configmaps"], returning: .ok(try Fixture.cluster("nodes-configmaps")),
            times: nil)
        // Renewed long after any start of a node in a test.
        let leases = try Fixture.cluster("nodes-leases").replacing(
            "Time\":\"2026", with: "Time\":\"2099")
        expectKubectl(["get", "nodes,leases"], returning: .ok(leases), times: nil)
        expectKubectl(
            ["get", "nodes", "--output"], returning: .ok(try Fixture.cluster("nodes")), times: nil)
        expectKubectl(
            ["get", "nodes,deployments.apps,replicasets.apps,daemonsets.apps,pods"],
            returning: .ok(try Fixture.cluster("system")), times: nil)
        expect(
            where: {
                $0.tool == "podman" && $0.arguments.joined(separator: " ").contains("crictl pull")
            },
            named: "pull proof", times: nil
        ) { _ in .ok() }
    }

    /// Lets kind make the two nodes, and all that follows succeed.
    func expectCreation(in engine: SampleEngine) throws {
        expect("kind", ["create", "cluster"]) { _ in
            engine.add(SampleEngine.nodes)
            return .ok()
        }
        try expectHealthyCluster()
        expect("podman", ["exec", "--interactive"], times: 2)
        expect("kind", ["export", "kubeconfig"])
        expectKubectl(["apply"])
    }

    /// What was run that changes something, as tool and first words.
    var changes: [String] {
        calls.filter { $0.effect == .changes }.map { call in
            let words = call.tool == "kubectl" ? kubectlWords(call) : call.arguments
            return ([call.tool] + words.prefix(2)).joined(separator: " ")
        }
    }

    private func kubectlWords(_ call: Invocation) -> [String] {
        guard let verb = call.arguments.firstIndex(where: { ["apply", "config"].contains($0) })
        else { return call.arguments }
        return Array(call.arguments[verb...])
    }
}
