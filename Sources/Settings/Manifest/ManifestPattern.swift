import StateFiles
import Vocabulary

/// A pattern of files and folders with manifests, such as `k8s/*.yaml` or `services/*/k8s`.
///
/// Hidden names are not meant, nor what a link to a folder leads to, nor files that kubectl would
/// not read. A folder that is meant counts as a whole.
struct ManifestPattern {
    /// The folder before the first `*`, `?` or `[`.
    private let root: ManifestPlace
    private let pattern: PathPattern
    private let written: String

    private static let mostNames = 50_000

    /// Nil for text without any of the characters that make a pattern.
    init?(_ written: String, in configuration: Configuration) {
        let parts = written.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.firstIndex(where: { part in part.contains { "*?[".contains($0) } })
        else { return nil }
        let folder = parts[..<first].joined(separator: "/")
        root = ManifestPlace(
            name: folder + (first > 0 ? "/" : ""),
            path: configuration.absolutePath(folder + (first > 0 ? "/" : "")))
        pattern = PathPattern(parts[first...].joined(separator: "/"))
        self.written = written
    }

    /// What it means, sorted.
    ///
    /// - Throws: `DevClusterError` when that is nothing, or cannot be told.
    func places() throws(DevClusterError) -> [ManifestPlace] {
        var found: [[String]] = []
        var open: [[String]] = [[]]
        var names = 0
        if pattern.matches([]) { return [root] }
        while let folder = open.popLast() {
            for name in try WholeFile.names(in: place(folder).path) ?? []
            where !name.hasPrefix(".") {
                names += 1
                guard names <= ManifestPattern.mostNames else { throw tooMany }
                let path = folder + [name]
                if pattern.matches(path), isMeant(place(path)) {
                    found.append(path)
                } else if FileStatus(place(path).path)?.kind == .folder, pattern.reachesInto(path) {
                    open.append(path)
                }
            }
        }
        guard !found.isEmpty else { throw nothing }
        return found.sorted { $0.lexicographicallyPrecedes($1) }.map(place)
    }

    private func place(_ parts: [String]) -> ManifestPlace {
        let relative = parts.joined(separator: "/")
        return ManifestPlace(
            name: root.name + relative, path: ConfigurationPath.joined(root.path, relative))
    }

    /// Whether there is something for kubectl to read.
    private func isMeant(_ place: ManifestPlace) -> Bool {
        let files = place.files
        return files == [place] ? ManifestPlace.isManifest(place.name) : !files.isEmpty
    }

    private var tooMany: DevClusterError {
        DevClusterError(
            .usage,
            "the pattern \(ShownText.line(written)) goes through more than"
                + " \(ManifestPattern.mostNames) names",
            hint: "begin it with the folder that holds the manifests")
    }

    private var nothing: DevClusterError {
        let files = root.files.filter { $0 != root }
        let more = files.count > 5 ? ", …" : ""
        let list = files.prefix(5).map { ShownText.line($0.name) }.joined(separator: ", ") + more
        return DevClusterError(
            .usage, "no manifests match \(ShownText.line(written))",
            hint: files.isEmpty
                ? "looked in \(ShownText.line(root.path))" : "there are: \(list)")
    }
}
