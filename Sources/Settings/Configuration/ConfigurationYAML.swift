import ChildProcess
import SystemLibraries
import Tools
import Vocabulary

/// Reads a YAML configuration with kubectl; see `KubectlFiles`.
struct ConfigurationYAML {
    let runner: any Runner

    /// The document, or nil when the file has none (empty, or comments only).
    ///
    /// - Throws: `DevClusterError`: `usage` for what kubectl rejects, `unavailable` without
    ///   kubectl, `deadline`; `InvocationError` when the task was cancelled.
    func read(_ file: ConfigurationFile) async throws -> JSONValue? {
        let documents = YAMLDocuments(file.text)
        if documents.starts.isEmpty { return nil }
        if documents.starts.count > 1 { throw Self.several(file.path, documents.starts) }
        let outcome = try await run(file.path)
        guard outcome.succeeded else {
            // Standard output may hold a part of the file then; it counts for nothing.
            throw Self.rejected(file.path, outcome, documents)
        }
        let lines = outcome.output.split(separator: 0x0A)
        guard let line = lines.first else {
            // kubectl prints nothing for `kind: …List` and for `items: []`.
            throw DevClusterError(
                .usage, "\(ShownText.line(file.path)) is a list, not a devcluster configuration")
        }
        guard lines.count == 1 else { throw Self.several(file.path, documents.starts) }
        do {
            return try KubectlFiles.document(line)
        } catch {
            throw DevClusterError(
                .failed, "kubectl printed no JSON for \(ShownText.line(file.path))",
                hint: "write the configuration as devcluster.json", cause: error)
        }
    }

    private func run(_ path: String) async throws -> Outcome {
        do {
            return try await KubectlFiles.read(.file(path), runner)
        } catch let error as InvocationError {
            switch error.reason {
            case .notFound:
                throw DevClusterError(
                    .unavailable,
                    "kubectl is not installed, and \(ShownText.line(path)) is read with it",
                    hint: "install kubectl (https://kubernetes.io/docs/tasks/tools/), or write "
                        + "the configuration as devcluster.json", cause: error)
            case .timedOut:
                throw DevClusterError(
                    .deadline, "kubectl did not read \(ShownText.line(path)) in time",
                    cause: error)
            default: throw error
            }
        }
    }

    private static func several(_ path: String, _ starts: [Int]) -> DevClusterError {
        let second = starts.count > 1 ? ", the second begins in line \(starts[1])" : ""
        return DevClusterError(
            .usage, "\(ShownText.line(path)) holds more than one document\(second)",
            hint: "keep one document; other manifests belong into spec.manifests")
    }

    private static func rejected(
        _ path: String, _ outcome: Outcome, _ documents: YAMLDocuments
    ) -> DevClusterError {
        let shown = ShownText.line(path)
        let complaint = KubectlComplaint(
            outcome.errorText, path: path, lineOffset: documents.lineOffset)
        if complaint.isMissingKind {
            return DevClusterError(
                .usage,
                "configuration \(shown): kind or apiVersion is missing or malformed",
                hint: "begin it with apiVersion: \(ConfigurationSchema.apiVersion) and "
                    + "kind: \(ConfigurationSchema.kind)")
        }
        return DevClusterError(
            .usage, "configuration \(shown): \(complaint.text)", hint: complaint.hint,
            cause: InvocationError(
                .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput))
    }
}
