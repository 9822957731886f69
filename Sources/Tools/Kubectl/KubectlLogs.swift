import ChildProcess

extension Kubectl {
    /// The last lines of a container's log; any exit code is a normal result.
    ///
    /// Without `isPrevious` kubectl gives the container that ended last, as long as none runs.
    /// - Parameter pod: as `pod/web-1`.
    /// - Parameter container: nil for the pod's only one.
    /// - Parameter isPrevious: whether the one before that which runs is meant.
    package func log(
        of pod: String, container: String?, lines: Int, isPrevious: Bool = false,
        namespace: String, deadline: Duration? = nil
    ) async throws -> Outcome {
        try await run(
            ["logs", pod, "--tail", "\(lines)"] + (container.map { ["--container", $0] } ?? [])
                + (isPrevious ? ["--previous"] : []), namespace: namespace, deadline: deadline)
    }
}
