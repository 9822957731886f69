import ChildProcess
import Vocabulary

/// What kubectl says when an account may not read something.
///
/// Of several types it prints those that it got, and exits with 1 (recorded with kubectl 1.32).
extension Outcome {
    /// Whether nothing failed but the reading of types that the account may not list.
    package func lacksOnly(_ types: [String]) -> Bool {
        let lines = errorText.split(whereSeparator: \.isNewline).filter {
            !KubectlText.warning.begins($0)
        }
        return !succeeded && !lines.isEmpty
            && lines.allSatisfy { line in
                types.contains {
                    line.hasPrefix(
                        "\(KubectlText.server.words) \(KubectlText.forbidden.words): \($0) is"
                            + " forbidden: ")
                }
            }
    }
}

extension Outcome {
    /// Whether nothing failed but the reading of kinds that the cluster does not know.
    ///
    /// Of files kubectl prints what it got all the same (recorded with kubectl 1.32: `error: unable
    /// to recognize no matches for kind "Site" in version "x.example.com/v1"`).
    package var lacksOnlyKinds: Bool {
        let refusals = KubectlRefusal.parse(errorText)
        return !succeeded && !refusals.isEmpty
            && refusals.allSatisfy { KubectlText.noKind.isIn($0.text) }
    }
}

extension Kubectl {
    /// Types of the whole cluster, which an account for a single namespace may not list.
    package static let clusterTypes = ["namespaces", "nodes"]

    /// The outcome of a read of which as much came as the account may see.
    ///
    /// - Throws: `DevClusterError` with kubectl's own words when the API did not answer it.
    package func answeredAsAllowed(_ outcome: Outcome) throws -> Outcome {
        outcome.lacksOnly(Kubectl.clusterTypes) ? outcome : try answered(outcome)
    }

    /// The phase of a namespace; nil when there is none.
    ///
    /// - Returns: `Active` too when the account may not look: then it was given the namespace.
    package func phase(ofNamespace name: String) async throws -> String? {
        let outcome = try await run(
            [
                "get", "namespace/\(name)", "--ignore-not-found", "--output",
                "jsonpath={.status.phase}",
            ])
        if outcome.isForbidden { return "Active" }
        let phase = try answered(outcome).text.trimmingSpace
        return phase.isEmpty ? nil : phase
    }
}
