import ChildProcess
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Reads manifests as JSON; kubectl parses the YAML.
package struct ManifestReader: Sendable {
    let runner: any Runner
    /// The cluster that charts are rendered for; nil leaves its version to Helm.
    package var cluster: Kubectl?

    /// kubectl is given at most so many files at once.
    private static let mostFiles = 500

    /// Reads through this runner's kubectl.
    package init(runner: any Runner) {
        self.runner = runner
    }

    /// All objects of the configured sources, in order, lists taken apart.
    ///
    /// - Parameter environment: added for programs that render manifests.
    /// - Throws: `DevClusterError` naming the source that cannot be read.
    package func objects(
        of sources: [Configuration.ManifestSource], configuration: Configuration,
        environment: [String: String]
    ) async throws -> [JSONValue] {
        try await read(sources, configuration, environment).flatMap(\.objects)
    }

    /// The same, where each object has to be the only one of its name, and complete.
    ///
    /// - Throws: also `DevClusterError` that says where an object is given twice, has to be filled
    ///   in, or has values that are no text.
    package func distinctObjects(
        of sources: [Configuration.ManifestSource], configuration: Configuration,
        environment: [String: String]
    ) async throws -> [JSONValue] {
        let sources = try await read(sources, configuration, environment)
        try HalfRendered(configuration: configuration).refuse(sources)
        try Task.checkCancellation()
        try await DuplicateObjects(reader: self, home: configuration.namespace.description)
            .refuse(sources)
        let objects = sources.flatMap(\.objects)
        try TextValues.require(objects)
        return objects
    }

    private func read(
        _ sources: [Configuration.ManifestSource], _ configuration: Configuration,
        _ environment: [String: String]
    ) async throws -> [ReadManifests] {
        var found: [ReadManifests] = []
        for source in sources {
            let read = try await read(source, configuration, environment)
            for object in read.objects {
                try Task.checkCancellation()
                try check(ManifestObject(object), read.name)
            }
            found.append(read)
        }
        return found
    }

    private func read(
        _ source: Configuration.ManifestSource, _ configuration: Configuration,
        _ environment: [String: String]
    ) async throws -> ReadManifests {
        switch source {
        case .path(let path):
            let places = try places(path, configuration)
            return ReadManifests(
                name: path, places: places, objects: try await read(places, of: path, configuration)
            )
        case .render(let command):
            let shown = command.joined(separator: " ")
            return ReadManifests(
                name: "what '\(shown)' prints", places: [],
                objects: try await render(
                    command, folder: configuration.folder, environment: environment))
        case .helm(let chart):
            let release = try await release(chart, configuration)
            let output = try await Helm(runner: runner).template(
                release, in: configuration.folder, environment: environment)
            let name = "the chart \(ShownText.line(chart.chart))"
            return ReadManifests(
                name: name, places: [], objects: try await parse(rendered: output, of: name))
        }
    }

    /// The files and folders that a path or pattern means.
    private func places(_ written: String, _ configuration: Configuration)
        throws(DevClusterError) -> [ManifestPlace]
    {
        let path = configuration.absolutePath(written)
        if try WholeFile.exists(path) {
            return [ManifestPlace(name: written, path: path).followed]
        }
        guard let pattern = ManifestPattern(written, in: configuration) else {
            throw DevClusterError(
                .usage, "there are no manifests at \(ShownText.line(written))",
                hint: "looked for \(ShownText.line(path))")
        }
        return try pattern.places()
    }

    private func release(_ chart: Configuration.Chart, _ configuration: Configuration)
        async throws -> Helm.Release
    {
        let path = configuration.absolutePath(chart.chart)
        guard try WholeFile.exists(path) else {
            let isRemote = chart.chart.contains("://")
            throw DevClusterError(
                .usage, "there is no chart at \(ShownText.line(chart.chart))",
                hint: isRemote
                    ? "fetch it first: \(Helm.pull(chart.chart).shellQuoted)"
                    : "looked for \(ShownText.line(path))")
        }
        let values = chart.values.map { configuration.absolutePath($0) }
        for (file, written) in zip(values, chart.values) where try !WholeFile.exists(file) {
            throw DevClusterError(
                .usage, "there are no values at \(ShownText.line(written))",
                hint: "looked for \(ShownText.line(file))")
        }
        return Helm.Release(
            chart: path, shown: chart.chart,
            name: chart.release?.description ?? configuration.name.description,
            namespace: configuration.namespace.description, values: values, set: chart.set,
            kubernetes: try await cluster?.serverVersion())
    }

    /// The only document of a YAML file.
    package func document(at path: String) async throws -> JSONValue {
        let documents = try await read(file: path)
        guard documents.count == 1 else {
            throw DevClusterError(
                .usage, "\(path) holds \(documents.count) documents instead of one")
        }
        return documents[0]
    }

    /// Reads places in their order, as many at once as can be.
    private func read(
        _ places: [ManifestPlace], of source: String, _ configuration: Configuration
    ) async throws -> [JSONValue] {
        let diagnosis = ManifestDiagnosis(
            runner: runner, configuration: configuration, source: source)
        var objects: [JSONValue] = []
        var plain: [ManifestPlace] = []
        for place in places {
            guard try place.isKustomization else {
                if try place.isChart { throw diagnosis.refusal(of: place) }
                plain.append(place)
                continue
            }
            objects += try await read(plain: plain, diagnosis)
            plain = []
            objects += try await render(
                KubectlFiles.kustomize(place.path), folder: place.path, environment: [:])
        }
        return objects + (try await read(plain: plain, diagnosis))
    }

    private func read(plain places: [ManifestPlace], _ diagnosis: ManifestDiagnosis) async throws
        -> [JSONValue]
    {
        var objects: [JSONValue] = []
        for start in stride(from: 0, to: places.count, by: ManifestReader.mostFiles) {
            let part = Array(places[start...].prefix(ManifestReader.mostFiles))
            do {
                objects += try await parse(
                    .files(part.map(\.path)),
                    source: part.count == 1 ? part[0].path : diagnosis.source)
            } catch let error as DevClusterError {
                throw try await diagnosis.explanation(of: part) ?? error
            }
        }
        if objects.contains(where: { ForeignFile($0) != nil }) {
            if let error = try await diagnosis.explanation(of: places) { throw error }
        }
        return objects
    }

    func read(file: String) async throws -> [JSONValue] {
        try await parse(.files([file]), source: file)
    }

    /// Runs a program whose standard output is manifests.
    private func render(_ command: [String], folder: String, environment: [String: String])
        async throws -> [JSONValue]
    {
        let shown = command.joined(separator: " ")
        let outcome = try await runner.run(
            Invocation(
                command[0], Array(command.dropFirst()), environment: environment,
                directory: folder, deadline: .seconds(120)))
        guard outcome.succeeded else {
            throw DevClusterError(
                .failed, "'\(ShownText.line(shown))' did not render its manifests",
                cause: InvocationError(
                    .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput))
        }
        return try await parse(rendered: outcome.output, of: "'\(ShownText.line(shown))'")
    }

    private func parse(rendered output: Data, of source: String) async throws -> [JSONValue] {
        let objects = try await parse(.text(output), source: source)
        guard !objects.isEmpty else {
            throw DevClusterError(.failed, "\(source) printed no manifests")
        }
        return objects
    }

    private func parse(_ files: KubectlFiles.Source, source: String) async throws -> [JSONValue] {
        let outcome = try await KubectlFiles.read(files, runner)
        guard outcome.succeeded else {
            throw DevClusterError(
                .failed, "\(source) is not readable as manifests",
                cause: InvocationError(
                    .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput))
        }
        do throws(DevClusterError) {
            return try outcome.output.split(separator: 10).map { line throws(DevClusterError) in
                try KubectlFiles.document(line)
            }
        } catch {
            throw DevClusterError(
                .failed, "kubectl printed \(error.message) for \(ShownText.line(source))",
                hint: "try '\(outcome.invocation.shellQuoted)' by hand", cause: error)
        }
    }

    /// Type and version become kubectl's arguments.
    private func check(_ object: ManifestObject, _ source: String) throws(DevClusterError) {
        let problem =
            NameGrammar.kind(object.kind).map { ("kind", object.kind, $0) }
            ?? (object.apiVersion.isEmpty ? nil : NameGrammar.apiVersion(object.apiVersion))
            .map { ("apiVersion", object.apiVersion, $0) }
        guard let (what, text, reason) = problem else { return }
        throw DevClusterError(
            .usage,
            "\(ShownText.line(source)) holds an object whose \(what) \(ShownText.quoted(text)) is not"
                + " valid: \(reason)")
    }
}
