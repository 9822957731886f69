import Foundation

/// Something that takes in text from outside.
struct FuzzTarget: Sendable {
    /// A name for the command line.
    var name: String
    /// How many executions it gets, beside the thousand of others.
    var share = 1000
    /// Takes the text in; an error is a good answer, `FuzzFailure` is not.
    var run: @MainActor @Sendable (inout FuzzRandom) async throws -> Void

    /// A target that is given changed texts of a corpus.
    static func reading(
        _ name: String, _ corpus: [Data], words: [String] = [],
        _ read: @escaping @MainActor @Sendable (Data, inout FuzzRandom) async throws -> Void
    ) -> FuzzTarget {
        let mutation = Mutation(corpus: corpus, words: words)
        return FuzzTarget(name: name) { random in
            let text = mutation.text(&random)
            try await read(text, &random)
        }
    }

    static let all: [FuzzTarget] = [
        .json, .configuration, .containerfile, .ignoreRules, .names, .arguments, .project,
        .manifests, .state, .curl, .registry, .credentials, .kubectl, .kubectlText, .engine,
        .crictl, .forwards, .redaction, .bundle, .operations,
    ]
}

/// Something that must hold does not.
struct FuzzFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
