import ChildProcess

extension Crictl {
    /// Whether containerd answers; crictl itself gives up after 2 s.
    ///
    /// - Throws: `InvocationError` when the engine hangs: that says nothing of the node.
    package func answers() async throws -> Bool {
        try await node.run(Invocation("crictl", ["version"], deadline: .seconds(10))).succeeded
    }

    /// Pulls an image, and another one unless two files of the node are the same to the byte.
    ///
    /// - Parameter files: one of each image.
    /// - Throws: `InvocationError` when crictl cannot run; any exit code is a normal result.
    package func pull(
        _ image: String, and other: String, unlessSame files: (String, String), deadline: Duration
    ) async throws -> Outcome {
        let script = """
            crictl pull \(image) >/dev/null || exit
            cmp -s '\(files.0)' '\(files.1)' || crictl pull \(other) >/dev/null
            """
        return try await node.run(Invocation("sh", ["-c", script], deadline: deadline))
    }
}

extension Ctr {
    /// Pulls an image and keeps it under another name only.
    ///
    /// The CRI plugin hears of names that ctr makes, so the kubelet sees them at once.
    /// - Throws: `InvocationError` when that does not work.
    package func load(_ image: String, as name: String) async throws {
        let script = """
            crictl pull "$1" >/dev/null || exit
            ctr --namespace k8s.io images tag --force "$1" "$2" >/dev/null || exit
            ctr --namespace k8s.io images rm --sync "$1" >/dev/null
            """
        try await node.run(
            Invocation(
                "sh", ["-c", script, "sh", image, name], deadline: .seconds(300), effect: .changes)
        ).checked()
    }
}
