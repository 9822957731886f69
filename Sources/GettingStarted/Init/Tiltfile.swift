import Vocabulary

/// Reads what the literals of a Tiltfile say of images, manifests and ports.
struct Tiltfile {
    private let path: String
    private let files: ProjectFiles
    private(set) var findings: ToolFindings

    private var folder: String { ProjectPath.parent(of: path) }

    init(_ text: String, path: String, files: ProjectFiles) {
        self.path = path
        self.files = files
        findings = ToolFindings(origin: path)
        let parser = TiltfileParser(text)
        for call in parser.calls { add(call) }
        let known = parser.conditional.filter { Tiltfile.isKnown($0) }
        if !known.isEmpty {
            remark(
                "what stands in conditions and functions: \(Set(known).sorted().joined(separator: ", "))"
            )
        }
    }

    private static func isKnown(_ name: String) -> Bool {
        name.hasPrefix("docker_build") || name.hasPrefix("custom_build")
            || ["k8s_yaml", "k8s_resource"].contains(name)
    }

    private mutating func add(_ call: TiltfileCall) {
        switch call.name {
        // Also docker_build_with_restart of Tilt's extension.
        case let name where name.hasPrefix("docker_build"): addBuild(call)
        case let name where name.hasPrefix("custom_build"): addCustomBuild(call)
        case "k8s_yaml":
            for value in call.argument("yaml", at: 0)?.elements ?? [] { add(manifests: value) }
        case "k8s_resource": addForwards(call)
        default: break
        }
    }

    private mutating func addBuild(_ call: TiltfileCall) {
        guard let image = call.argument("ref", at: 0)?.text else {
            return remark("a docker_build whose image is computed")
        }
        guard let written = call.argument("context", at: 1)?.text else {
            return remark("the context of \(image) is computed")
        }
        let names = call.argument("dockerfile", at: 3)
        if let names, names.text == nil { return remark("the Dockerfile of \(image) is computed") }
        if call.named["dockerfile_contents"] != nil {
            return remark("the Dockerfile of \(image) stands in the Tiltfile itself")
        }
        var arguments: [String: String] = [:]
        if case .dictionary(let members) = call.argument("build_args", at: 2) {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                let text = value.text ?? value.number.map { "\($0)" }
                if text == nil { remark("the build argument \(name) of \(image) is computed") }
                arguments[name] = text
            }
        }
        add(
            image, context: written, containerfile: names?.text,
            target: call.named["target"]?.text, arguments: arguments)
    }

    /// An image whose command is `docker build` or `podman build` in plain words.
    private mutating func addCustomBuild(_ call: TiltfileCall) {
        guard let image = call.argument("ref", at: 0)?.text else {
            return remark("a custom_build whose image is computed")
        }
        let command = call.argument("command", at: 1)
        let words =
            command?.text?.split(whereSeparator: \.isWhitespace).map(String.init)
            ?? command?.elements.compactMap(\.text) ?? []
        guard let build = BuildCommand(words) else {
            return remark("\(image) is built by a program of its own")
        }
        add(
            image, context: build.context, containerfile: build.containerfile,
            target: build.target, arguments: build.arguments)
    }

    private mutating func add(
        _ image: String, context written: String, containerfile: String?, target: String?,
        arguments: [String: String]
    ) {
        guard let context = ProjectPath.joined(folder, written), files.hasFolder(context) else {
            return remark("the context of \(image), \(written), is no folder of this project")
        }
        // Tilt looks for the Dockerfile from the Tiltfile's folder on, not from the context's.
        let path =
            containerfile.map { ProjectPath.joined(folder, $0) }
            ?? files.containerfile(in: context)
        guard let path, files.hasFile(path) else {
            return remark("\(image) has no Containerfile in \(written)")
        }
        findings.images.append(
            ImageFinding(
                origin: self.path, references: [image], context: context, containerfile: path,
                target: target, buildArgs: arguments))
    }

    private mutating func add(manifests value: TiltfileValue) {
        if let text = value.text, let path = ProjectPath.joined(folder, text) {
            findings.manifests.append(.files(path))
            return
        }
        let call = value.call
        let place = call?.positional.first?.text.flatMap { ProjectPath.joined(folder, $0) }
        switch (call?.name, place) {
        case ("kustomize", let place?): findings.manifests.append(.kustomization(place))
        case ("listdir", let place?): findings.manifests.append(.files(place))
        case ("helm", let place?):
            let values = call?.argument("values")?.elements.compactMap { value in
                value.text.flatMap { ProjectPath.joined(folder, $0) }
            }
            findings.manifests.append(
                .chart(
                    HelmChart(
                        path: place,
                        release: call?.argument("name")?.text ?? ProjectPath.name(of: place),
                        values: values ?? [])))
        default: remark("a k8s_yaml whose argument is computed")
        }
    }

    /// `port_forwards=8080`, `'8080:80'`, `port_forward(8080, 80)`, or a list of them.
    private mutating func addForwards(_ call: TiltfileCall) {
        guard let workload = call.argument("workload", at: 0)?.text else { return }
        for value in call.named["port_forwards"]?.elements ?? [] {
            var ports =
                value.text?.split(separator: ":").compactMap { Int($0) }
                ?? value.number.map { [$0] } ?? []
            if value.call?.name == "port_forward" {
                ports = value.call?.positional.compactMap(\.number) ?? []
            }
            guard let local = ports.first else {
                remark("a port of \(workload) is computed")
                continue
            }
            findings.forwards.append(
                ForwardFinding(
                    origin: path, target: .workload(workload), localPort: local,
                    port: ports.count > 1 ? ports.last : nil))
        }
    }

    private mutating func remark(_ text: String) { findings.remarks.append("\(path): \(text)") }
}
