import ChildProcess
import SystemLibraries
import Vocabulary

/// Reads any YAML through kubectl, also what is no object of Kubernetes, such as a compose file.
///
/// kubectl takes nothing without a kind. So each document becomes a field of an object of ours,
/// by indenting it: YAML's indentation counts from what a text stands in, that of block scalars
/// too, and anchors hold within a document as before.
package struct KubectlYAML: Sendable {
    let runner: any Runner

    package init(runner: any Runner) {
        self.runner = runner
    }

    /// Bytes that kubectl is given at once.
    private static let largest = 4 << 20
    /// Documents that it rejects before the rest is passed over: each costs a child.
    private static let mostBroken = 40

    /// A document of one of the texts.
    private struct Piece {
        var text: Int
        var yaml: String
    }

    /// The documents of each text, without empty ones; nil for a text that kubectl does not read.
    ///
    /// - Throws: `DevClusterError` without kubectl or when it does not answer, `InvocationError`.
    package func read(_ texts: [String]) async throws -> [[JSONValue]?] {
        var results: [[JSONValue]?] = texts.map { _ in [] }
        var open = texts.enumerated().flatMap { index, text in
            YAMLDocuments.lines(of: text).map { Piece(text: index, yaml: KubectlYAML.object($0)) }
        }
        var broken = 0
        while !open.isEmpty {
            let batch = KubectlYAML.batch(open)
            let values = try await documents(batch)
            for (piece, value) in zip(batch, values) { results[piece.text]?.append(value) }
            open.removeFirst(min(values.count, batch.count))
            guard values.count < batch.count, let first = open.first else { continue }
            // kubectl ends at the first document that it rejects, after printing those before.
            broken += 1
            let given = broken < KubectlYAML.mostBroken ? [first.text] : open.map(\.text)
            for text in given { results[text] = nil }
            open.removeAll { given.contains($0.text) }
        }
        return results
    }

    /// The document of these lines as the field `content` of an object.
    private static func object(_ lines: [Substring]) -> String {
        let indented = lines.map { $0.isEmpty ? "" : "  " + $0 }
        let head = ["---", "apiVersion: v1", "kind: X", "metadata: {name: x}", "content:"]
        return (head + indented).map { $0 + "\n" }.joined()
    }

    private static func batch(_ pieces: [Piece]) -> [Piece] {
        var bytes = 0
        let fitting = pieces.prefix { piece in
            bytes += piece.yaml.utf8.count
            return bytes <= largest
        }
        return fitting.isEmpty ? Array(pieces.prefix(1)) : Array(fitting)
    }

    private func documents(_ pieces: [Piece]) async throws -> [JSONValue] {
        let input = Data(pieces.map(\.yaml).joined().utf8)
        do {
            let outcome = try await KubectlFiles.read(.text(input), runner)
            guard outcome.succeeded || KubectlText.unparsed.isIn(outcome.errorText) else {
                throw InvocationError(
                    .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput)
            }
            return try outcome.output.split(separator: 10).map {
                try JSONValue(parsing: $0)["content"] ?? .null
            }
        } catch let error as InvocationError where error.reason == .notFound {
            throw DevClusterError(
                .unavailable, "kubectl is not installed, and YAML is read with it",
                hint: "install kubectl (https://kubernetes.io/docs/tasks/tools/)", cause: error)
        }
    }
}
