import Settings
import Vocabulary

extension ConfigurationDraft {
    /// An element of `spec.manifests`.
    struct ManifestEntry: Sendable, Equatable {
        /// What it is about.
        var path: String
        /// As YAML.
        var text: String
    }

    /// The manifests that are not applied, by the reason.
    var manifestGroups: [(reason: String, entries: [ManifestEntry])] {
        var reasons: [String] = []
        for alternative in alternatives where !reasons.contains(alternative.reason) {
            reasons.append(alternative.reason)
        }
        return reasons.map { reason in
            let sources = alternatives.filter { $0.reason == reason }.map(\.source)
            return (reason, manifestEntries(sources))
        }
    }

    /// The elements for these sources: a folder where all of its files are meant.
    func manifestEntries(_ sources: [ManifestSource]) -> [ManifestEntry] {
        var open = Set<String>()
        for source in sources {
            if case .file(let path) = source.form { open.insert(path) }
        }
        let meant = open
        return sources.compactMap { source in
            switch source.form {
            case .kustomization(let place):
                return ManifestEntry(path: ProjectPath.written(folder: place))
            case .chart(let chart):
                return ManifestEntry(path: ProjectPath.written(folder: chart.path), chart)
            case .file(let path):
                guard open.remove(path) != nil else { return nil }
                guard let folder = wholeFolder(with: path, among: meant) else {
                    return ManifestEntry(path: path)
                }
                open = open.filter { !ProjectPath.isIn($0, folder) }
                return ManifestEntry(path: ProjectPath.written(folder: folder))
            }
        }
    }

    /// The topmost folder above a file of which all is meant, with files of its own; nil for none.
    private func wholeFolder(with path: String, among meant: Set<String>) -> String? {
        var best: String?
        var folder = ProjectPath.parent(of: path)
        while !folder.isEmpty {
            let inside = files.filter { ProjectPath.isIn($0, folder) }
            // Not beside sources, where the next file of another kind would be applied too.
            guard inside.allSatisfy({ meant.contains($0) || $0.hasSuffix(".md") }) else { break }
            if inside.contains(where: { ProjectPath.parent(of: $0) == folder }) { best = folder }
            folder = ProjectPath.parent(of: folder)
        }
        return best
    }
}

extension ConfigurationDraft.ManifestEntry {
    fileprivate init(path: String) {
        self.init(path: path, text: YAMLText.scalar(path))
    }

    fileprivate init(path: String, _ chart: HelmChart) {
        let folder = YAMLText.scalar(chart.path.isEmpty ? "." : chart.path)
        let release = YAMLText.scalar(chart.release)
        let values = chart.values.map(YAMLText.scalar)
        let files = values.isEmpty ? "" : ", values: [\(values.joined(separator: ", "))]"
        let members = chart.set.sorted { $0.key < $1.key }.map { key, value in
            "\(YAMLText.scalar(key)): \(YAMLText.flow(value))"
        }
        let set = members.isEmpty ? "" : ", set: {\(members.joined(separator: ", "))}"
        self.init(path: path, text: "helm: {chart: \(folder), release: \(release)\(files)\(set)}")
    }
}
