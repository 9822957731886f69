import ChildProcess
import Settings
import Tools
import Vocabulary

/// What a project's files say of images, manifests and ports, before anything is chosen.
struct ProjectSurvey: Sendable {
    let files: ProjectFiles
    /// The project's name.
    let project: String
    /// What the files of skaffold, Tilt and compose say, in this order.
    private(set) var tools: [ToolFindings] = []
    /// Every file with objects that are no tool's, also those that a kustomization takes in.
    private(set) var manifests: [String: ManifestSource] = [:]
    private(set) var kustomizations: [Kustomization] = []
    /// The kustomizations as they are rendered.
    private(set) var rendered: [ManifestSource] = []
    private(set) var charts: [ManifestSource] = []
    /// What was found and cannot be used.
    private(set) var remarks: [String] = []

    private static let mostRendered = 40
    private static let mostFiles = 600

    /// Looks through the project's folder.
    ///
    /// - Throws: `DevClusterError` when there is YAML and no kubectl to read it with.
    init(files: ProjectFiles, project: String, runner: any Runner) async throws {
        self.files = files
        self.project = project
        let found = readable
        let paths = found.filter { !ProjectSurvey.isTemplate(files.text($0) ?? "") }
            .prefix(ProjectSurvey.mostFiles)
        if found.count > ProjectSurvey.mostFiles {
            remarks.append("of \(found.count) files of YAML, \(ProjectSurvey.mostFiles) were read")
        }
        let texts = paths.map { files.text($0) ?? "" }
        let read = try await KubectlYAML(runner: runner).read(texts)
        remarks += found.filter { ProjectSurvey.isTemplate(files.text($0) ?? "") }
            .map { "\($0) is a template" }
        var documents: [String: [JSONValue]] = [:]
        for (path, found) in zip(paths, read) {
            documents[path] = found
            if found == nil { remarks.append("\(path) is not readable as YAML") }
        }
        readTools(documents)
        readCharts(documents)
        readManifests(documents)
        kustomizations = files.named(Kustomization.names).compactMap { path in
            documents[path]?.first.map { Kustomization($0, place: ProjectPath.parent(of: path)) }
        }
        rendered = try await render(runner)
    }

    /// The topmost folders with a chart: what is in them means nothing to others.
    private var chartFolders: [String] {
        let all = files.named(["Chart.yaml"]).map { ProjectPath.parent(of: $0) }
        return all.filter { folder in
            !all.contains { $0 != folder && ProjectSurvey.isOfChart(folder, $0) }
        }
    }

    /// Whether a file or folder belongs to the chart in this folder.
    private static func isOfChart(_ path: String, _ folder: String) -> Bool {
        guard folder.isEmpty else { return ProjectPath.isIn(path, folder) }
        // A chart at the top of a project has the project's other files beside it.
        let parts = ProjectPath.parts(of: path)
        let isBelow = ["templates", "charts", "crds"].contains(parts.first ?? "")
        return parts.count > 1
            ? isBelow : path == "Chart.yaml" || path.hasPrefix("values")
    }

    /// The files that are read as YAML.
    private var readable: [String] {
        let charts = chartFolders
        let special = Set(
            SkaffoldFile.names + ComposeFile.names + ComposeFile.overrideNames
                + Kustomization.names)
        let ofCharts = charts.flatMap { folder in
            ["Chart.yaml", "values.yaml"].compactMap { ProjectPath.joined(folder, $0) }
        }
        return files.paths.filter { path in
            if charts.contains(where: { ProjectSurvey.isOfChart(path, $0) }) {
                return ofCharts.contains(path)
            }
            return special.contains(ProjectPath.name(of: path))
                || (ProjectSurvey.isYAML(path) && mayHoldObjects(path))
        }
    }

    /// Whether kubectl reads it when it is given the folder.
    static func isYAML(_ path: String) -> Bool {
        [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) }
    }

    private func mayHoldObjects(_ path: String) -> Bool {
        guard let text = files.text(path) else { return false }
        return text.contains("apiVersion") && text.contains("kind")
    }

    /// Whether some line is an action of a template, which no YAML is.
    private static func isTemplate(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains { line in
            line.drop { $0 == " " }.hasPrefix("{{")
        }
    }

    private mutating func readTools(_ documents: [String: [JSONValue]]) {
        let skaffold = foremost(SkaffoldFile.names).map { path in
            SkaffoldFile(documents[path] ?? [], path: path, files: files).findings
        }
        let tilt = foremost(["Tiltfile"]).map { path in
            Tiltfile(files.text(path) ?? "", path: path, files: files).findings
        }
        let compose = foremost(ComposeFile.names).map { path -> ToolFindings in
            let folder = ProjectPath.parent(of: path)
            let above = ComposeFile.overrideNames.compactMap { name in
                ProjectPath.joined(folder, name).flatMap { documents[$0]?.first }
            }
            return ComposeFile(
                Array((documents[path] ?? []).prefix(1)) + above, path: path, files: files,
                project: folder.isEmpty ? project : ProjectPath.name(of: folder)
            ).findings
        }
        tools = [skaffold, tilt, compose].filter { !$0.isEmpty }.map { ToolFindings($0) }
        remarks += tools.flatMap(\.remarks)
    }

    /// The files of these names that are the project's own, not those of its examples.
    private func foremost(_ names: [String]) -> [String] {
        let paths = files.named(names)
        let best = paths.map { PathWords.rank(of: $0) }.min()
        return paths.filter { PathWords.rank(of: $0) == best }
    }

    private mutating func readCharts(_ documents: [String: [JSONValue]]) {
        for folder in chartFolders {
            let chart = documents[ProjectPath.joined(folder, "Chart.yaml") ?? ""]?.first
            guard chart?["type"]?.string != "library" else { continue }
            let values = documents[ProjectPath.joined(folder, "values.yaml") ?? ""]?.first
            let release = chart?["name"]?.string ?? ProjectPath.name(of: folder)
            charts.append(
                ManifestSource(
                    form: .chart(
                        HelmChart(
                            path: folder, release: release.isEmpty ? project : release,
                            values: developmentValues(of: folder))),
                    references: HelmChart.references(in: values ?? .null)))
        }
    }

    /// The chart's values for development, where there are some beside its own.
    private func developmentValues(of folder: String) -> [String] {
        let found = files.paths.filter { path in
            let name = ProjectPath.name(of: path)
            return ProjectPath.parent(of: path) == folder && name.hasPrefix("values")
                && ProjectSurvey.isYAML(path) && PathWords.environment(of: name) == 0
        }
        return Array(found.prefix(1))
    }

    private mutating func readManifests(_ documents: [String: [JSONValue]]) {
        let others = Set(
            SkaffoldFile.names + ComposeFile.names + Kustomization.names
                + ["Chart.yaml", "values.yaml"])
        for (path, found) in documents.sorted(by: { $0.key < $1.key })
        where !others.contains(ProjectPath.name(of: path)) {
            guard let file = ManifestFile(path: path, documents: found) else { continue }
            if let type = file.toolType {
                remarks.append("\(path) is no manifest (\(type))")
            } else {
                manifests[path] = ManifestSource(
                    form: .file(path), objects: file.objects,
                    problem: file.placeholder.map { "some program has to fill in \($0)" })
            }
        }
    }

    /// Renders every kustomization that can stand alone, four at a time.
    private func render(_ runner: any Runner) async throws -> [ManifestSource] {
        let reader = ManifestReader(runner: runner)
        let configuration = Configuration.defaults(folder: files.folder)
        let places = kustomizations.filter { !$0.isComponent && !$0.isRemote }
            .prefix(ProjectSurvey.mostRendered).map(\.place)
        var sources: [ManifestSource] = []
        var open = places[...]
        while !open.isEmpty {
            let part = open.prefix(4)
            open = open.dropFirst(4)
            sources += try await withThrowingTaskGroup(of: ManifestSource.self) { group in
                for place in part {
                    group.addTask {
                        await ProjectSurvey.rendered(place, reader, configuration)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try Task.checkCancellation()
        }
        let remote = kustomizations.filter { $0.isRemote && !$0.isComponent }.map {
            ManifestSource(
                form: .kustomization($0.place), problem: "it takes in what is not in this project")
        }
        return (sources + remote).sorted { $0.path < $1.path }
    }

    private static func rendered(
        _ place: String, _ reader: ManifestReader, _ configuration: Configuration
    ) async -> ManifestSource {
        var source = ManifestSource(form: .kustomization(place))
        do {
            source.objects = try await reader.objects(
                of: [.path(place.isEmpty ? "." : place)], configuration: configuration,
                environment: [:])
        } catch {
            source.problem = "kubectl does not render it"
        }
        return source
    }
}
