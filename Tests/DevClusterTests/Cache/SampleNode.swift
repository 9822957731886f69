import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Registries
@testable import Tools

/// The images that were recorded in a node with a pod `web` of `localhost:5112/web:1`, which is
/// also `web:1b` and `other:1`, and with `web:2`, which no container uses.
enum SampleNode {
    static let web = "sha256:8b0a585b3461fa54ef891348fe18d48f31111c0346d5825a0d1264298cec269f"
    static let webDigest = "sha256:06411bff4d74925de3797640a068ba0b545d4baebe9f208ab7405588bfa0921f"
    static let unused = "sha256:8007babe356695e6cdf63a77612f95f994b4ac5a2c56a0325f0fc0cfd1df82cc"

    /// What crictl printed in the node.
    static func contents(_ node: String, replacing changes: [String: String] = [:]) throws -> Data {
        let parts = try ["images-\(node)", "ps-\(node)", "info"].map {
            try Fixture.text("crictl-1.32.0-containerd-1.6.20-\($0).json")
        }
        // The sample session's registry has this name.
        let text = parts.joined(separator: "\0")
            .replacing("h-b-registry", with: SampleEngine.registry)
        return Data(text.replacing(changes).utf8)
    }

    /// The recorded node's images.
    static func list(_ node: String = "worker", replacing changes: [String: String] = [:])
        async throws -> NodeImageList
    {
        let runner = ScriptedRunner()
        runner.expect("sh", returning: .ok(try contents(node, replacing: changes)))
        return NodeImageList(
            node: "devcluster-demo-\(node)",
            contents: try await Crictl(node: runner).contents())
    }
}

extension ScriptedRunner {
    /// Expects a run of something inside a node of the recorded cluster.
    func expectExec(
        _ node: String, _ program: String, times: Int? = 1,
        answering answer: @escaping ScriptedRunner.Answer
    ) {
        expect(
            where: { invocation in
                let arguments = invocation.arguments
                return invocation.tool == "podman" && arguments.first == "exec"
                    && arguments.contains("timeout")
                    && arguments.contains("devcluster-demo-\(node)")
                    && arguments.dropFirst(7).first == program
            }, named: "\(program) in \(node)", times: times, answering: answer)
    }

    /// Lets a node hold what was recorded.
    func expectContents(
        _ nodes: String..., replacing changes: [String: String] = [:], times: Int? = 1
    ) throws {
        for node in nodes {
            let contents = try SampleNode.contents(node, replacing: changes)
            expectExec(node, "sh", times: times) { _ in .ok(contents) }
        }
    }

    /// Lets ctr remove what it is told to: it prints each name that it removed.
    func expectRemoval(_ node: String, of absent: Set<String> = []) {
        expectExec(node, "ctr") { invocation in
            let names = invocation.namesForCtr.filter { !absent.contains($0) }
            return .ok(names.map { $0 + "\n" }.joined())
        }
    }

    /// The names that ctr was told to remove, by the node's short name.
    var removals: [String: [String]] {
        var removals: [String: [String]] = [:]
        for call in calls where call.arguments.contains("ctr") {
            let node = call.arguments.first { $0.hasPrefix("devcluster-demo-") } ?? ""
            removals[String(node.dropFirst("devcluster-demo-".count))] = call.namesForCtr
        }
        return removals
    }
}

extension Invocation {
    /// What follows `--`.
    fileprivate var namesForCtr: [String] {
        Array(arguments.drop { $0 != "--" }.dropFirst())
    }
}

extension ScriptedRunner {
    /// A registry at which the recorded nodes' images were pushed: it serves these tags with the
    /// digest that the nodes have, or with another, and the nodes' digests.
    func expectNodeRegistry(current: [String], pushedAgain: [String] = []) {
        expect("curl", times: nil) { invocation in
            let script = try CurlScript(invocation)
            let recorded = try Fixture.text("curl-7.88.1-head-200.txt")
            return script.outcome(
                try script.requests.map { request in
                    let path = request.url.split(separator: "/v2/").last.map(String.init) ?? ""
                    let name = path.replacing("/manifests/", with: ":")
                    let served = [
                        current.contains(name) ? SampleNode.webDigest : nil,
                        pushedAgain.contains(name) ? SampleNode.unused : nil,
                        name.hasSuffix(SampleNode.webDigest) ? SampleNode.webDigest : nil,
                    ].compactMap { $0 }.first
                    guard let served else { return try Fixture.data("curl-7.88.1-head-404.txt") }
                    return Data(
                        recorded.replacing(
                            "sha256:094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80",
                            with: served
                        ).utf8)
                })
        }
    }

    /// Lets every node pull the image that proves it, or none.
    func expectPullProof(succeeds: Bool = true) {
        expect(
            where: {
                $0.tool == "podman" && $0.arguments.joined(separator: " ").contains("crictl pull")
            },
            named: "pull proof", times: nil
        ) { _ in succeeds ? .ok() : .failure(1, stderr: "no such host\n") }
    }
}
