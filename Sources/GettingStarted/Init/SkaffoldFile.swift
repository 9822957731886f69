import Vocabulary

/// Reads what a skaffold file says of images, manifests and ports.
struct SkaffoldFile {
    static let names = ["skaffold.yaml", "skaffold.yml"]

    private let path: String
    private let files: ProjectFiles
    private(set) var findings: ToolFindings
    /// The images of all modules.
    private let artifacts: [String]

    private var folder: String { ProjectPath.parent(of: path) }

    /// - Parameter documents: the modules of the file.
    init(_ documents: [JSONValue], path: String, files: ProjectFiles) {
        self.path = path
        self.files = files
        findings = ToolFindings(origin: path)
        artifacts = documents.flatMap { $0["build"]?["artifacts"]?.array ?? [] }
            .compactMap { $0["image"]?.string }
        for document in documents {
            for artifact in document["build"]?["artifacts"]?.array ?? [] { add(artifact: artifact) }
            addManifests(of: document)
            for forward in document["portForward"]?.array ?? [] { add(forward: forward) }
            let profiles = (document["profiles"]?.array ?? []).compactMap { $0["name"]?.string }
            if !profiles.isEmpty {
                findings.remarks.append("\(path): profiles \(profiles.joined(separator: ", "))")
            }
        }
    }

    private mutating func add(artifact: JSONValue) {
        guard let image = artifact["image"]?.string else { return }
        let builders = ["ko", "jib", "bazel", "buildpacks", "custom"]
        if let other = builders.first(where: { artifact[$0] != nil }) {
            return remark("\(image) is built by \(other), not by a Containerfile")
        }
        let docker = artifact["docker"] ?? artifact["kaniko"]
        let written = artifact["context"]?.string ?? "."
        guard let context = ProjectPath.joined(folder, written), files.hasFolder(context) else {
            return remark("the context of \(image), \(written), is no folder of this project")
        }
        let containerfile =
            docker?["dockerfile"]?.string.map { ProjectPath.joined(context, $0) }
            ?? files.containerfile(in: context)
        guard let containerfile, files.hasFile(containerfile) else {
            return remark("\(image) has no Containerfile in \(written)")
        }
        var arguments: [String: String] = [:]
        for (name, value) in (docker?["buildArgs"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let text = value.argumentText, !text.contains("{{") else {
                remark("the build argument \(name) of \(image) is computed")
                continue
            }
            arguments[name] = text
        }
        for required in artifact["requires"]?.array ?? [] {
            guard let base = required["image"]?.string else { continue }
            arguments[required["alias"]?.string ?? base] = base
        }
        findings.images.append(
            ImageFinding(
                origin: path, references: [image], context: context, containerfile: containerfile,
                target: docker?["target"]?.string.flatMap { $0.isEmpty ? nil : $0 },
                buildArgs: arguments))
    }

    private mutating func addManifests(of document: JSONValue) {
        let old = document["deploy"]
        let now = document["manifests"]
        let patterns =
            (now?["rawYaml"]?.array ?? [])
            + (old?["kubectl"]?["manifests"]?.array ?? [])
        for pattern in patterns.compactMap(\.string) {
            guard !pattern.contains("://"), let path = ProjectPath.joined(folder, pattern) else {
                remark("the manifests at \(pattern) are not in this project")
                continue
            }
            findings.manifests.append(.files(path))
        }
        for kustomize in [now?["kustomize"], old?["kustomize"]].compactMap({ $0 }) {
            let paths = kustomize["paths"]?.array ?? kustomize["path"].map { [$0] } ?? ["."]
            findings.manifests += paths.compactMap { path in
                path.string.flatMap { ProjectPath.joined(folder, $0) }.map { .kustomization($0) }
            }
        }
        let releases = [now, old].flatMap { $0?["helm"]?["releases"]?.array ?? [] }
        for release in releases { add(release: release) }
        let isSilent = now == nil && old?["kubectl"] == nil && releases.isEmpty
        if isSilent, document["build"] != nil, old?["kustomize"] == nil {
            // What skaffold takes where nothing is said.
            findings.manifests.append(.files(ProjectPath.joined(folder, "k8s/*.yaml") ?? ""))
        }
    }

    private mutating func add(release: JSONValue) {
        guard let written = release["chartPath"]?.string,
            let chart = ProjectPath.joined(folder, written)
        else { return remark("the chart \(release["remoteChart"]?.string ?? "") is not here") }
        let given = SkaffoldValues(release, artifacts: artifacts)
        if !given.computed.isEmpty {
            remark(
                "the chart \(written) gets computed values: \(given.computed.joined(separator: ", "))"
            )
        }
        let values = (release["valuesFiles"]?.array ?? []).compactMap { value in
            value.string.flatMap { ProjectPath.joined(folder, $0) }
        }
        findings.manifests.append(
            .chart(
                HelmChart(
                    path: chart, release: release["name"]?.string ?? ProjectPath.name(of: chart),
                    values: values, set: given.set, images: given.images)))
    }

    private mutating func add(forward: JSONValue) {
        guard let name = forward["resourceName"]?.string, let port = forward["port"]?.integer?.value
        else {
            return
        }
        let isService = forward["resourceType"]?.string?.lowercased() == "service"
        findings.forwards.append(
            ForwardFinding(
                origin: path, target: isService ? .service(name) : .workload(name),
                localPort: forward["localPort"]?.integer?.value ?? port, port: port))
    }

    private mutating func remark(_ text: String) { findings.remarks.append("\(path): \(text)") }
}
