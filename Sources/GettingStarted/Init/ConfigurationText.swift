import Settings
import SystemLibraries
import Vocabulary

extension ConfigurationDraft {
    /// The file's text, with a comment for everything that may have to be changed.
    var text: String {
        """
        # Configuration of devcluster; 'devcluster config view' shows every field with its value.
        apiVersion: \(ConfigurationSchema.apiVersion)
        kind: \(ConfigurationSchema.kind)
        metadata:
          name: \(YAMLText.scalar(name))    # the cluster; its context is kind-\(name)
        spec:
          namespace: \(YAMLText.scalar(namespace))

        \(imageLines.joined(separator: "\n"))

        \(manifestLines.joined(separator: "\n"))

        \(forwardLines.joined(separator: "\n"))

        """
    }

    /// Where manifests are, as they are written into the file.
    var manifestPaths: [String] {
        manifestEntries(manifests).map(\.path)
    }

    /// What was found and is not done, a line each.
    var leftOut: [String] {
        let unused = images.compactMap { image in
            image.problem.map { "\(image.finding.containerfile) (\(image.name)): \($0)" }
        }
        let sources = manifestGroups.flatMap { reason, entries in
            entries.map { "\($0.path): \(reason)" }
        }
        let ports = forwards.compactMap { forward in
            forward.problem.map { "the forward \(forward.name): \($0)" }
        }
        return (unused + sources + ports + remarks).map { ShownText.line($0) }
    }

    private var imageLines: [String] {
        let built = images.filter { $0.problem == nil }
        let unused = images.filter { $0.problem != nil }
        var lines: [String]
        if built.isEmpty {
            lines =
                images.isEmpty
                ? [
                    "  # No Containerfile was found; 'devcluster init --containerfile LANGUAGE'"
                        + " writes one."
                ] : []
            lines.append("  images: []")
        } else {
            let origins = Set(built.compactMap(\.finding.origin)).sorted()
            let source = origins.isEmpty ? "" : ", as in \(origins.joined(separator: ", "))"
            lines = [
                "  # What is built\(ShownText.line(source)). Manifests that say 'image: NAME', or what"
                    + " stands in 'matches', get it.",
                "  images:",
            ]
            lines += built.flatMap { fields(of: $0) }
        }
        for image in unused {
            lines.append(
                ConfigurationDraft.comment(
                    "\(image.finding.containerfile): \(image.problem ?? "")"))
            lines += fields(of: image).map { "    #" + $0.dropFirst(3) }
        }
        return lines
    }

    private func fields(of image: Image) -> [String] {
        let finding = image.finding
        var lines = [
            "    - name: \(YAMLText.scalar(image.name))",
            "      context: "
                + YAMLText.scalar(finding.context.isEmpty ? "." : finding.context),
        ]
        if let file = image.containerfile {
            lines.append("      containerfile: \(YAMLText.scalar(file))")
        }
        if let target = finding.target {
            lines.append("      target: \(YAMLText.scalar(target))")
        }
        let arguments = finding.buildArgs.filter { ConfigurationReader.isVariableName($0.key) }
        if !arguments.isEmpty {
            let list = arguments.sorted { $0.key < $1.key }.map { name, value in
                "\(name): \(YAMLText.quoted(value))"
            }
            lines.append("      buildArgs: {\(list.joined(separator: ", "))}")
        }
        if !image.matches.isEmpty {
            let list = image.matches.map(YAMLText.scalar).joined(separator: ", ")
            lines.append("      matches: [\(list)]")
        }
        return lines
    }

    private var manifestLines: [String] {
        var lines: [String]
        let entries = manifestEntries(manifests)
        if entries.isEmpty {
            lines = [
                "  # No manifests were found: without any, deploy sets the images of workloads that run.",
                "  manifests: []",
            ]
        } else {
            let source = manifestsOrigin.map { ", as in \(ShownText.line($0))" } ?? ""
            lines = ["  # What is applied\(source).", "  manifests:"]
            lines += entries.map { "    - \($0.text)" }
        }
        for (reason, entries) in manifestGroups {
            lines.append(ConfigurationDraft.comment("Not applied, \(reason):"))
            lines += entries.map { "    # - \($0.text)" }
        }
        if !remarks.isEmpty { lines.append(ConfigurationDraft.comment("Left out:")) }
        return lines + remarks.map { ConfigurationDraft.comment($0) }
    }

    private var forwardLines: [String] {
        let head = "  # Ports of this machine that lead to a Service, and survive the terminal."
        func line(_ forward: ForwardAssignment.Assigned) -> String {
            "- {name: \(YAMLText.scalar(forward.name)),"
                + " target: \(YAMLText.scalar(forward.target)), port: \(forward.port),"
                + " targetPort: \(forward.targetPort)}"
        }
        let open = forwards.filter { $0.problem == nil }
        let closed = forwards.filter { $0.problem != nil }.map {
            "    # \(line($0))    # \($0.problem ?? "")"
        }
        guard open.isEmpty else {
            return [head, "  forwards:"] + open.map { "    \(line($0))" } + closed
        }
        let example = "    # - {name: web, target: svc/web, port: 8080, targetPort: 80}"
        return [head, "  # forwards:"] + (closed.isEmpty ? [example] : closed)
    }

    /// A line of comment within a list; whatever it holds, it stays one line.
    private static func comment(_ text: String) -> String { "    # \(ShownText.line(text))" }
}
