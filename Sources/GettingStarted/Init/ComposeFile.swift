import Vocabulary

/// Reads what a compose file says of images and ports.
struct ComposeFile {
    static let names = [
        "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
    ]
    /// Files that compose puts over those beside them.
    static let overrideNames = [
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yml",
        "docker-compose.override.yaml",
    ]

    private let path: String
    private let files: ProjectFiles
    private let variables: ComposeVariables
    private(set) var findings: ToolFindings
    /// Names that Containerfiles have for the images of services.
    private var aliases: [String: [String]] = [:]

    private var folder: String { ProjectPath.parent(of: path) }

    /// - Parameters:
    ///   - documents: the file, and what is put over it.
    ///   - project: what compose calls the project where the file does not say.
    init(_ documents: [JSONValue], path: String, files: ProjectFiles, project: String) {
        self.path = path
        self.files = files
        findings = ToolFindings(origin: path)
        let environment = ProjectPath.joined(ProjectPath.parent(of: path), ".env") ?? ".env"
        variables = ComposeVariables(environment: files.text(environment) ?? "")
        let document = documents.dropFirst().reduce(documents.first ?? .null) { $0.merged($1) }
        let name = document["name"]?.string ?? project
        let services = document["services"]?.object ?? [:]
        aliases = ComposeFile.aliases(in: services)
        for path in ComposeFile.included(by: document) {
            // A file of its own that is named as usual is read anyway.
            let found = variables.expanded(path).flatMap { ProjectPath.joined(folder, $0) }
            if let found, files.hasFile(found),
                ComposeFile.names.contains(ProjectPath.name(of: found))
            {
                continue
            }
            findings.remarks.append("\(self.path): include: \(path) is not read")
        }
        for (service, value) in services.sorted(by: { $0.key < $1.key }) {
            if let file = value["extends"]?["file"]?.string {
                remark(service, "what it takes from \(file) is not read")
            }
            if let build = value["build"], !build.isNull { add(build, value, service, name) }
            for port in value["ports"]?.array ?? [] { add(port: port, service) }
        }
    }

    /// `include: [FILE, {path: FILE}, {path: [FILE, …]}]`, as the file writes them.
    private static func included(by document: JSONValue) -> [String] {
        (document["include"]?.array ?? []).flatMap { entry -> [String] in
            let path = entry["path"] ?? entry
            return path.string.map { [$0] } ?? path.array?.compactMap(\.string) ?? []
        }
    }

    /// `additional_contexts: {base: service:common}` calls the image of `common` `base`.
    private static func aliases(in services: [String: JSONValue]) -> [String: [String]] {
        var aliases: [String: [String]] = [:]
        for value in services.values {
            for (alias, context) in contexts(of: value["build"]) where context.hasPrefix(prefix) {
                aliases[String(context.dropFirst(prefix.count)), default: []].append(alias)
            }
        }
        return aliases
    }

    private static let prefix = "service:"

    /// The additional contexts of a build: a mapping, or a list of `NAME=CONTEXT`.
    private static func contexts(of build: JSONValue?) -> [(name: String, context: String)] {
        let value = build?["additional_contexts"]
        let members = (value?.object ?? [:]).map { ($0.key, $0.value.string ?? "") }
        let items = (value?.array ?? []).compactMap { item -> (String, String)? in
            let parts = (item.string ?? "").split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return (members + items).sorted { $0.0 < $1.0 }
    }

    private mutating func add(
        _ build: JSONValue, _ value: JSONValue, _ service: String, _ project: String
    ) {
        let written = build.string ?? build["context"]?.string ?? "."
        guard let expanded = variables.expanded(written),
            let context = ProjectPath.joined(folder, expanded), files.hasFolder(context)
        else { return remark(service, "its context \(written) is no folder of this project") }
        guard build["dockerfile_inline"] == nil else {
            return remark(service, "its Dockerfile stands in the file itself")
        }
        let named = build["dockerfile"]?.string.flatMap { variables.expanded($0) }
        let containerfile =
            named.map { ProjectPath.joined(context, $0) }
            ?? files.containerfile(in: context)
        guard let containerfile, files.hasFile(containerfile) else {
            return remark(
                service, "there is no Containerfile in \(context.isEmpty ? "." : context)")
        }
        for (name, context) in ComposeFile.contexts(of: build)
        where !context.hasPrefix(ComposeFile.prefix) {
            remark(service, "its additional context \(name), \(context), is not given to the build")
        }
        findings.images.append(
            ImageFinding(
                origin: path, references: reference(value["image"]?.string, service),
                names: [service, "\(project)-\(service)", "\(project)_\(service)"]
                    + aliases[service, default: []].sorted(),
                context: context, containerfile: containerfile,
                target: build["target"]?.string.flatMap { variables.expanded($0) },
                buildArgs: arguments(build["args"], service)))
    }

    /// The image's name without tag; of one that only the environment completes, the last word.
    private func reference(_ written: String?, _ service: String) -> [String] {
        guard let written else { return [] }
        let last = written.split(separator: "/").last.map(String.init) ?? written
        let name = last.prefix { $0 != ":" && $0 != "@" }
        let untagged = written.dropLast(last.count) + name
        let found = [written, String(untagged), String(name)].lazy.compactMap { text in
            variables.expanded(text).flatMap { try? ImageReference($0) }
        }
        return found.first.map { [$0.repository] } ?? []
    }

    private mutating func arguments(_ value: JSONValue?, _ service: String) -> [String: String] {
        var arguments: [String: String?] = [:]
        for (name, value) in value?.object ?? [:] { arguments[name] = .some(value.argumentText) }
        for item in value?.array ?? [] {
            let parts = (item.string ?? "").split(separator: "=", maxSplits: 1).map(String.init)
            if let name = parts.first { arguments[name] = .some(parts.count > 1 ? parts[1] : nil) }
        }
        var known: [String: String] = [:]
        for (name, text) in arguments.sorted(by: { $0.key < $1.key }) {
            // Never from .env: what stands there may be secret, and is not meant for a repository.
            if let text = text.flatMap({ ComposeVariables(environment: "").expanded($0) }) {
                known[name] = text
            } else {
                remark(service, "its build argument \(name) comes from the environment")
            }
        }
        return known
    }

    /// `8080:80`, `127.0.0.1:8080:80/tcp`, `{target: 80, published: 8080}`.
    private mutating func add(port: JSONValue, _ service: String) {
        var local = port["published"].flatMap { Int($0.argumentText ?? "") }
        var container = port["target"]?.integer?.value
        if let text = port.string.flatMap({ variables.expanded($0) }), !text.hasSuffix("/udp") {
            let numbers = text.prefix { $0 != "/" }.split(separator: ":").suffix(2)
            if numbers.contains(where: { $0.contains("-") }) {
                remark(service, "its ports \(text) are a range")
            }
            local = numbers.count == 2 ? numbers.first.flatMap { Int($0) } : nil
            container = numbers.last.flatMap { Int($0) }
        }
        guard let local, let container, port["protocol"]?.string != "udp" else { return }
        findings.forwards.append(
            ForwardFinding(
                origin: path, target: .workload(service), localPort: local, port: container))
    }

    private mutating func remark(_ service: String, _ text: String) {
        findings.remarks.append("\(path): service \(service): \(text)")
    }
}

extension JSONValue {
    /// A scalar as the text of an argument.
    var argumentText: String? {
        switch self {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .number(let value): "\(value)"
        default: nil
        }
    }

    /// The members of both, those of the other on top, at every depth.
    func merged(_ other: JSONValue) -> JSONValue {
        guard let mine = object, let theirs = other.object else { return other }
        return .object(mine.merging(theirs) { $0.merged($1) })
    }
}
