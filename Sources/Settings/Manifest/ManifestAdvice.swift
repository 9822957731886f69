import ChildProcess
import Vocabulary

/// What to write in place of a source of manifests that cannot be applied as it is.
struct ManifestAdvice {
    /// As the configuration names it.
    let source: String
    /// False for one that a command was given.
    let isConfigured: Bool
    /// The elements, each once.
    private(set) var entries: [String] = []
    private var paths: [String] = []

    private static let mostEntries = 8

    init(for source: String, in configuration: Configuration) {
        self.source = source
        isConfigured = configuration.manifests.contains(.path(source))
    }

    /// A file or folder.
    mutating func add(path: String) {
        add(entry: YAMLText.scalar(path))
        paths.append(path)
    }

    /// A chart.
    mutating func add(chart folder: String) {
        add(entry: "{helm: {chart: \(YAMLText.scalar(folder))}}")
    }

    /// What a command prints, with variables that envsubst fills in, and nothing else that looks
    /// like one.
    mutating func add(output command: [String], _ values: [(name: String, value: String?)]) {
        let environment = Dictionary(values.map { ($0.name, $0.value ?? "VALUE") }) { $1 }
        let names = values.map { "$\($0.name)" }.joined(separator: " ")
        let fill = Invocation("envsubst", [names], environment: environment)
        let output = Invocation(command[0], Array(command.dropFirst()))
        let script = "\(output.shellQuoted) | \(fill.shellQuoted)"
        add(entry: "{render: [sh, -c, \(YAMLText.quoted(script))]}")
    }

    private mutating func add(entry: String) {
        if !entries.contains(entry) { entries.append(entry) }
    }

    /// The hint; nil where nothing is left to write, or too much.
    var hint: String? {
        guard !entries.isEmpty, entries.count <= ManifestAdvice.mostEntries else { return nil }
        guard isConfigured else {
            let words = paths.flatMap { ["--filename", $0] }
            return paths.isEmpty
                ? nil : Invocation("devcluster", ["delete"] + words).shellQuoted
        }
        return "in devcluster.yaml, in place of \(ShownText.line(source)): manifests:"
            + " [\(entries.joined(separator: ", "))]"
    }
}
