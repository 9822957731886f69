import ChildProcess
import SystemLibraries

/// The `ctr` program inside a node: containerd's own, which kind's node images hold.
package struct Ctr: Sendable {
    /// The node, as a runner.
    let node: any Runner

    /// ctr inside the node.
    package init(node: any Runner) {
        self.node = node
    }

    /// Removes names of images; the content goes with its last name, before this returns.
    ///
    /// Only the names given go, where `crictl rmi` takes every name of the image. The CRI plugin
    /// hears of it at once: crictl and kubelet no longer see the name when ctr ends (looked at
    /// ten times with containerd 1.6.20). A name that is not there is a warning, not a failure.
    /// - Parameter names: names as containerd has them; never the start of an ID.
    /// - Throws: `InvocationError` when ctr cannot run; what it could not remove never throws.
    package func remove(_ names: [String]) async throws -> Outcome {
        try await node.run(
            Invocation(
                "ctr", ["--namespace", "k8s.io", "images", "rm", "--sync", "--"] + names,
                deadline: .seconds(120), effect: .changes))
    }
}
