import SystemLibraries

/// Starts real child processes.
///
/// Every child leads a process group of its own, has no descriptor of ours but its three
/// standard streams, no blocked and no ignored signal. It is watched by one thread that waits
/// in `poll` for its output, its end, its deadline and the task's cancellation; neither Swift's
/// pool nor a Dispatch queue is blocked.
///
/// A run is over when the child has exited. If a process it left behind holds its output open,
/// the rest is waited for no longer than `SystemRunner.linger`; what came is kept, and the
/// process is left alone.
///
/// A run that is cut short (cancelled, deadline, too much output) leaves nothing behind: TERM
/// to the group, KILL after the grace period, and then the same to each process that descended
/// from the child but had left its group, such as the RUN children of `podman build`, which
/// call `setsid`. Only what became a daemon before, by ending its own parent, lives on.
///
/// What is not gone two seconds after KILL (a setuid program, one that hangs in the kernel, one in
/// a frozen cgroup) is named in the error and left alone; a thread waits for its end.
public struct SystemRunner: Runner {
    /// Two seconds: podman and kind clean up in less.
    public static let defaultGrace: Duration = .seconds(2)
    /// How long after the child's exit the rest of its output is waited for: 250 ms.
    public static let linger: Duration = .milliseconds(250)

    /// How long a child has from TERM to KILL.
    public var grace: Duration
    /// How long a child has to be gone after KILL; then it is left alone.
    var patience: Duration = .seconds(2)
    /// Sends a signal to a group. A place for tests: nothing they can start is beyond a signal.
    var signalGroup: @Sendable (pid_t, Int32) -> Void = { group, signal in kill(-group, signal) }
    /// Variables that children get where this process's environment does not have them.
    public var fallbacks: [String: String]

    /// Makes a runner; it has no state, any number of children may run at once.
    public init(grace: Duration = SystemRunner.defaultGrace, fallbacks: [String: String] = [:]) {
        self.grace = grace
        self.fallbacks = fallbacks
    }

    /// Runs the invocation to its end.
    ///
    /// A task cancelled while the child runs gets `.cancelled`. If the child had already exited
    /// and all its output was read, the outcome is returned: its effect has taken place.
    /// - Throws: `InvocationError`: not found, not started, timed out, cancelled, too much output.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard !Task.isCancelled else { throw InvocationError(.cancelled, invocation) }
        let cancellation: Cancellation
        do {
            cancellation = try Cancellation()
        } catch {
            throw InvocationError(.notStarted(error.code), invocation)
        }
        // Not left to the last reference: whoever counts descriptors after this finds none.
        defer { cancellation.finish() }
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(SystemError) {
                    try startThread {
                        let run = ChildRun(
                            invocation, self, cancellation: cancellation, onOutput: onOutput)
                        continuation.resume(returning: run.result())
                    }
                } catch {
                    let failure = InvocationError(.notStarted(error.code), invocation)
                    continuation.resume(returning: .failure(failure))
                }
            }
        } onCancel: {
            cancellation.cancel()
        }.get()
    }
}
