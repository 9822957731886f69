import ChildProcess
import TestSupport

/// What kubectl really said about a file, run as `ConfigurationYAML` runs it.
///
/// `FILE` stands for the file's path in what it printed.
struct KubectlRecording: Sendable {
    var file: String
    var code: Int32
    var output: String
    var errorOutput: String

    /// The outcome for a file at this path.
    func outcome(path: String) -> Outcome {
        .failure(
            code, stderr: errorOutput.replacing("FILE", with: path), output: output)
    }

    /// All of them, by name.
    static let all: [(name: String, recording: KubectlRecording)] = [
        ("good", good),
        ("crlf", crlf),
        ("byteOrderMark", byteOrderMark),
        ("onlyHeader", onlyHeader),
        ("duplicateKey", duplicateKey),
        ("separators", separators),
        ("oneItem", oneItem),
        ("numbers", numbers),
        ("openBracket", openBracket),
        ("openBracketBelowHeader", openBracketBelowHeader),
        ("openBracketBelowSeparator", openBracketBelowSeparator),
        ("openBracketBelowTwoSeparators", openBracketBelowTwoSeparators),
        ("tab", tab),
        ("indentation", indentation),
        ("openQuote", openQuote),
        ("unknownAnchor", unknownAnchor),
        ("twoColons", twoColons),
        ("directive", directive),
        ("infinity", infinity),
        ("noSeparator", noSeparator),
        ("jsonInYAML", jsonInYAML),
        ("missingKind", missingKind),
        ("missingVersion", missingVersion),
        ("malformedVersion", malformedVersion),
        ("numericVersion", numericVersion),
        ("numericName", numericName),
        ("textMetadata", textMetadata),
        ("list", list),
        ("scalar", scalar),
        ("listKind", listKind),
        ("two", two),
        ("secondBroken", secondBroken),
        ("empty", empty),
        ("comments", comments),
    ]
}
