import ChildProcess
import SystemLibraries
import Vocabulary

/// A node of a kind cluster: a container in which programs can be run like on the host.
package struct Node: Runner {
    /// The container's name, which is also the node's name in Kubernetes.
    package let name: String
    let engine: Engine

    /// The node of this name.
    package init(name: String, engine: Engine) {
        self.name = name
        self.engine = engine
    }

    /// Runs the program inside the node.
    ///
    /// A killed `podman exec` leaves its process in the container. So the program runs under
    /// `timeout`, and when the run is cut short, whatever carries its mark is killed inside.
    package func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        let mark = "\(UInt64.random(in: 0...UInt64.max))"
        do {
            let wrapped = wrap(invocation, mark: mark)
            return try await engine.runner.run(wrapped, onOutput: onOutput)
        } catch let error as InvocationError where error.leavesProcess {
            await killMarked(mark)
            throw error
        }
    }

    private func wrap(_ invocation: Invocation, mark: String) -> Invocation {
        var arguments = ["exec"]
        if invocation.input != .none { arguments.append("--interactive") }
        var environment = invocation.environment
        environment[Node.markVariable] = mark
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            arguments += ["--env", "\(name)=\(value)"]
        }
        if let directory = invocation.directory { arguments += ["--workdir", directory] }
        let limit = invocation.deadline ?? Invocation.defaultDeadline
        let seconds = max(1, Int(limit.components.seconds) + 1)
        arguments += [name, "timeout", "--kill-after=2", "\(seconds)", invocation.tool]
        var wrapped = invocation
        wrapped.tool = engine.name.rawValue
        wrapped.arguments = arguments + invocation.arguments
        wrapped.environment = [:]
        wrapped.directory = nil
        return wrapped
    }

    private func killMarked(_ mark: String) async {
        let script = """
            for process in /proc/[0-9]*; do
              if grep -qsz '^\(Node.markVariable)=\(mark)$' "$process/environ"; then
                kill -9 "${process#/proc/}" 2>/dev/null
              fi
            done
            """
        // A dry run really started what only reads, so it has to end it too.
        let kill = Invocation(
            engine.name.rawValue, ["exec", name, "sh", "-c", script], deadline: .seconds(10),
            effect: .reads)
        // Best effort: the program ends by its own timeout if this fails.
        _ = try? await withUncancelled { try await engine.runner.run(kill) }
    }

    private static let markVariable = "DEVCLUSTER_EXEC"
}

extension InvocationError {
    /// Whether the run was cut short, so that something may still be running in the container.
    fileprivate var leavesProcess: Bool {
        switch reason {
        case .timedOut, .cancelled, .outputLimitExceeded: true
        default: false
        }
    }
}
