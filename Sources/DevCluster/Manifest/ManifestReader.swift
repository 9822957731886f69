import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads manifests as JSON; kubectl parses the YAML.
public struct ManifestReader: Sendable {
    let runner: any Runner
    /// The cluster that charts are rendered for; nil leaves its version to Helm.
    var cluster: Kubectl?

    /// Reads through this runner's kubectl.
    public init(runner: any Runner) {
        self.runner = runner
    }

    /// All objects of the configured sources, in order, lists taken apart.
    ///
    /// - Parameter environment: added for programs that render manifests.
    /// - Throws: `DevClusterError` naming the source that cannot be read.
    func objects(
        of sources: [Configuration.ManifestSource], configuration: Configuration,
        environment: [String: String]
    ) async throws -> [JSONValue] {
        try await read(sources, configuration, environment).flatMap(\.objects)
    }

    /// The same, where each object has to be the only one of its name.
    ///
    /// - Throws: also `DevClusterError` that says where an object is given twice.
    func distinctObjects(
        of sources: [Configuration.ManifestSource], configuration: Configuration,
        environment: [String: String]
    ) async throws -> [JSONValue] {
        let sources = try await read(sources, configuration, environment)
        try await DuplicateObjects(reader: self, home: configuration.namespace.description)
            .refuse(sources)
        return sources.flatMap(\.objects)
    }

    private func read(
        _ sources: [Configuration.ManifestSource], _ configuration: Configuration,
        _ environment: [String: String]
    ) async throws -> [DuplicateObjects.Source] {
        var found: [DuplicateObjects.Source] = []
        for source in sources {
            let read: [JSONValue]
            let name: String
            let place: String?
            switch source {
            case .path(let path):
                let absolute = configuration.absolutePath(path)
                name = path
                place = absolute
                read = try await self.read(path: absolute, written: path)
            case .render(let command):
                name = "what '\(command.joined(separator: " "))' prints"
                place = nil
                read = try await render(
                    command, folder: configuration.folder, environment: environment)
            case .helm(let chart):
                name = "the chart \(ShownText.line(chart.chart))"
                place = nil
                let output = try await Helm(runner: runner).template(
                    release(chart, configuration), in: configuration.folder,
                    environment: environment)
                read = try await parse(rendered: output, of: name)
            }
            for object in read.map(ManifestObject.init) { try check(object, name) }
            found.append(DuplicateObjects.Source(name: name, path: place, objects: read))
        }
        return found
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
                    ? "fetch it first: \(Invocation("helm", ["pull", "--untar", chart.chart]).shellQuoted)"
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
    func document(at path: String) async throws -> JSONValue {
        let documents = try await read(file: path)
        guard documents.count == 1 else {
            throw DevClusterError(
                .usage, "\(path) holds \(documents.count) documents instead of one")
        }
        return documents[0]
    }

    private func read(path: String, written: String) async throws -> [JSONValue] {
        guard try WholeFile.exists(path) else {
            throw DevClusterError(
                .usage, "there are no manifests at \(written)", hint: "looked for \(path)")
        }
        let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"]
        if try WholeFile.first(names.map { "\(path)/\($0)" }) != nil {
            return try await render(
                ["kubectl", "kustomize", path], folder: path, environment: [:])
        }
        return try await read(file: path)
    }

    func read(file: String) async throws -> [JSONValue] {
        try await parse(["--recursive", "--filename", file], input: .none, source: file)
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
        let objects = try await parse(["--filename", "-"], input: .bytes(output), source: source)
        guard !objects.isEmpty else {
            throw DevClusterError(.failed, "\(source) printed no manifests")
        }
        return objects
    }

    private func parse(_ files: [String], input: Invocation.Input, source: String) async throws
        -> [JSONValue]
    {
        let outcome = try await runner.run(KubectlFiles.invocation(files, input: input))
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
