import ChildProcess
import Vocabulary

/// What kubectl's error output says, where its exit code is 1 for everything.
package enum KubectlFailure {
    /// Whether nothing answered at the API's address, as opposed to an API that refused.
    ///
    /// An API that answers begins its reasons with `Error from
    /// server`, and those may quote the refused connection of a webhook.
    static func isSilence(_ errorOutput: String) -> Bool {
        !KubectlText.server.isIn(errorOutput) && KubectlText.silence.areIn(errorOutput)
    }

    /// Whether the API refused since the namespace is being deleted.
    package static func isNamespaceEnding(_ errorOutput: String) -> Bool {
        KubectlText.ending.isIn(errorOutput)
    }
}

extension Kubectl {
    /// The error when a cluster does not answer; nil for a failure that says something.
    func silence(_ error: InvocationError) -> DevClusterError? {
        let isSilence =
            error.reason == .timedOut
            || error.isFailure && KubectlFailure.isSilence(error.tail)
        return isSilence
            ? DevClusterError(
                DevClusterError.Code(of: error),
                "the cluster of context \(context) does not answer", hint: "devcluster up",
                cause: InvocationError(
                    error.reason, error.invocation,
                    errorOutput: KubectlRefusal.withoutFrames(error.errorText),
                    survivors: error.survivors)) : nil
    }

    /// The error when nobody answered a call, for some of its objects at least; nil for any other end.
    package func silence(_ outcome: Outcome) -> DevClusterError? {
        !outcome.succeeded && KubectlFailure.isSilence(outcome.errorText)
            ? unanswered(outcome) : nil
    }

    /// What kubectl answers, and whether there is a cluster that answers it.
    ///
    /// - Throws: `DevClusterError` when nothing answers, `InvocationError` when kubectl cannot
    ///   run or is interrupted.
    package func reach(_ ask: () async throws -> Outcome) async throws -> Outcome {
        do {
            let outcome = try await ask()
            if !outcome.succeeded, KubectlFailure.isSilence(outcome.errorText) {
                _ = try outcome.checked()
            }
            return outcome
        } catch let error as InvocationError {
            throw silence(error) ?? error
        }
    }

    /// Runs kubectl so.
    func reach(
        _ arguments: [String], namespace: String? = nil, input: Invocation.Input = .none,
        deadline: Duration? = nil, effect: Invocation.Effect = .reads
    ) async throws -> Outcome {
        try await reach {
            try await run(
                arguments, namespace: namespace, input: input, deadline: deadline, effect: effect)
        }
    }
}
