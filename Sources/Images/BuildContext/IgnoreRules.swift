import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// The rules of `.containerignore` or `.dockerignore`: the last that means a path decides.
struct IgnoreRules: Sendable, Equatable {
    private struct Rule: Sendable, Equatable {
        var pattern: PathPattern
        /// Whether it takes the path back in: `!keep.txt`.
        var isException: Bool
    }

    private let rules: [Rule]

    /// Bytes of a file that people write by hand.
    private static let largest = 1_000_000

    /// Reads the file's text.
    init(_ text: String) {
        rules = text.split(whereSeparator: \.isNewline).compactMap { line in
            guard !line.hasPrefix("#") else { return nil }
            let words = String(line).trimmingSpace
            let isException = words.hasPrefix("!")
            let pattern = isException ? String(words.dropFirst()).trimmingSpace : words
            // A pattern for the whole folder ignores nothing, as docker has it.
            let read = PathPattern(pattern)
            return read.isEverything ? nil : Rule(pattern: read, isException: isException)
        }
    }

    /// The rules that hold for a build: those beside the Containerfile come first.
    ///
    /// - Throws: `DevClusterError` when the file is there and cannot be read.
    init(context: String, containerfile: String, engine: EngineName) throws(DevClusterError) {
        for path in IgnoreRules.files(
            context: context, containerfile: containerfile, engine: engine)
        {
            // A link to it is a usual way to ignore nothing.
            let isNull = WholeFile.isNull(path)
            guard let data = try isNull ? Data() : WholeFile.read(path) else { continue }
            guard data.count <= IgnoreRules.largest else {
                throw DevClusterError(
                    .failed, "\(ShownText.line(path)) is larger than 1 MB",
                    hint: "patterns with stars say the same in fewer lines")
            }
            self.init(String(decoding: data, as: UTF8.self))
            return
        }
        self.init("")
    }

    /// Where the rules may stand, the first that is there counts.
    static func files(context: String, containerfile: String, engine: EngineName) -> [String] {
        [containerfile, context + "/"].flatMap { base in
            engine.dialect.ignoreFiles.map { base + $0 }
        }
    }

    /// How much work a path is at most, in steps for each of its names.
    var cost: Int { rules.reduce(0) { $0 + $1.pattern.cost } }

    /// Whether the builder never sees this path.
    func ignores(_ path: [String]) -> Bool {
        rules.last { $0.pattern.covers(path) }.map { !$0.isException } ?? false
    }

    /// Whether nothing in this folder, which is ignored, is taken back in.
    func ignoresAll(in folder: [String]) -> Bool {
        !rules.contains { $0.isException && $0.pattern.reachesInto(folder) }
    }
}
