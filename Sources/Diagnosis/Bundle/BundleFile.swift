import ChildProcess
import SystemLibraries
import Tools
import Vocabulary

/// A file of the bundle. There is no way to make one without saying what of its text may stay.
struct BundleFile: Sendable {
    /// Its path in the archive.
    let name: String
    /// What is left of its text.
    let text: String

    /// Lines that are kept of a log, the last of it.
    private static let mostLines = 500

    private init(_ name: String, _ text: String) {
        self.name = name
        self.text = KnownSecrets.blanked(text)
    }

    /// A JSON document.
    static func json(
        _ name: String, _ document: JSONValue, keeping allowance: BundleAllowance,
        _ words: BundleWords
    ) -> BundleFile {
        let kept = allowance.kept(document, words) ?? .null
        let text = try? kept.encoded(pretty: true)
        return BundleFile(name, String(decoding: text ?? Data(), as: UTF8.self))
    }

    /// A JSON document as a tool or a file has it; of anything else only its sentences.
    static func json(
        _ name: String, _ data: Data, keeping allowance: BundleAllowance, _ words: BundleWords
    ) -> BundleFile {
        guard let document = try? JSONValue(parsing: data) else {
            return prose(name + ".txt", String(decoding: data, as: UTF8.self), words)
        }
        return json(name, document, keeping: allowance, words)
    }

    /// JSON Lines: each line for itself, as an element of a list.
    static func jsonLines(
        _ name: String, _ data: Data, keeping allowance: BundleAllowance, _ words: BundleWords
    ) -> BundleFile {
        let lines = data.split(separator: 10).suffix(mostLines)
            .compactMap { try? JSONValue(parsing: Data($0)) }
        return json(name, .array(lines), keeping: .each(allowance), words)
    }

    /// The assignments of a TOML file; sections, comments and everything else go.
    static func settings(
        _ name: String, _ text: String, keeping keys: [String: BundleShape], _ words: BundleWords
    ) -> BundleFile {
        let lines = text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
            guard let equals = line.firstIndex(of: "=") else { return nil }
            let key = line[..<equals].trimmingSpace
            var value = line[line.index(after: equals)...].trimmingSpace
            if value.count > 1, value.hasPrefix("\""), value.hasSuffix("\"") {
                value = String(value.dropFirst().dropLast())
            }
            return keys[key]?.kept(value, words).map { "\(key) = \($0)" }
        }
        return BundleFile(name, lines.joined(separator: "\n"))
    }

    /// The end of a log, or what a tool says: the words of it that everybody uses.
    static func prose(_ name: String, _ text: String, _ words: BundleWords) -> BundleFile {
        let lines = text.split(whereSeparator: \.isNewline).suffix(mostLines)
        return BundleFile(name, lines.map { words.prose(String($0)) }.joined(separator: "\n"))
    }
}
