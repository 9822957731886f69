#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A first `devcluster.yaml`, made from what a project's folder holds.
struct ConfigurationDraft: Sendable, Equatable {
    /// An image of the draft.
    struct Image: Sendable, Equatable {
        var name: String
        var context: String
        /// Nil where the context's own is meant.
        var containerfile: String?
        /// References of manifests that mean it.
        var matches: [String] = []
    }

    /// The project's name, which is the cluster's.
    let name: String
    let images: [Image]
    /// Files and folders to apply.
    let manifests: [String]
    /// Kustomizations of the same thing, of which the first is taken.
    let alternatives: [String]
    let charts: [String]

    /// Drafts the configuration of a project in this folder.
    init(_ scan: ProjectScan, folder: String) {
        let project = ConfigurationDraft.clusterName(ConfigurationPath.name(of: folder))
        name = project
        images = ConfigurationDraft.images(scan, project: project)
        let overlays = scan.kustomizations.filter { $0.contains("overlays/") }
        let preferred = ["dev", "development", "local"].lazy.compactMap { word in
            overlays.first { $0.hasSuffix("overlays/\(word)/") }
        }.first
        let chosen = preferred ?? overlays.first
        alternatives = overlays.filter { $0 != chosen }
        manifests =
            (scan.kustomizations.filter { !overlays.contains($0) } + [chosen].compactMap { $0 })
            .map { $0.isEmpty ? "." : $0 } + scan.manifestFolders + scan.manifests
        charts = scan.charts
    }

    private static func images(_ scan: ProjectScan, project: String) -> [Image] {
        var images: [Image] = []
        for file in scan.containerfiles {
            let parts = file.split(separator: "/").map(String.init)
            let folders = parts.dropLast().joined(separator: "/")
            let words = (parts.last ?? "").split(separator: ".").map(String.init)
            let word = words.first { !["Containerfile", "Dockerfile"].contains($0) }
            let base = imageName(word ?? parts.dropLast().last ?? project)
            var name = base
            var number = 2
            while images.contains(where: { $0.name == name }) {
                name = "\(base)-\(number)"
                number += 1
            }
            images.append(
                Image(
                    name: name, context: folders.isEmpty ? "." : folders,
                    containerfile: word == nil ? nil : file,
                    matches: references(scan.references, to: name)))
        }
        return images
    }

    /// References to a repository of this name elsewhere, without tag and digest.
    private static func references(_ all: [String], to name: String) -> [String] {
        let matching = all.compactMap { text -> String? in
            guard let reference = try? ImageReference(text).withoutTagAndDigest,
                reference.description != name,
                reference.path.split(separator: "/").last.map(String.init) == name
            else { return nil }
            return reference.description
        }
        return Set(matching).sorted()
    }

    /// The nearest name that a repository can have.
    static func imageName(_ text: String) -> String {
        let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let name = words.joined(separator: "-")
        return (try? RepositoryName(name))?.description ?? "app"
    }

    /// The nearest name that a cluster can have.
    static func clusterName(_ text: String) -> String {
        let words = imageName(text).prefix(ClusterName.longest)
        let name = words.hasSuffix("-") ? String(words.dropLast()) : String(words)
        return (try? ClusterName(name))?.description ?? "app"
    }
}

extension ConfigurationDraft {
    /// The file's text, with a comment for everything that may have to be changed.
    var text: String {
        """
        # Configuration of devcluster; 'devcluster config view' shows every field with its value.
        apiVersion: \(ConfigurationSchema.apiVersion)
        kind: \(ConfigurationSchema.kind)
        metadata:
          name: \(ConfigurationDraft.yaml(name))    # the cluster; its context is kind-\(name)
        spec:
          namespace: \(ConfigurationDraft.yaml(name))

        \(imageLines.joined(separator: "\n"))

        \(manifestLines.joined(separator: "\n"))

          # Ports of this machine that lead to a Service, and survive the terminal.
          # forwards:
          #   - {name: web, target: svc/web, port: 8080, targetPort: 80}

        """
    }

    private var imageLines: [String] {
        guard !images.isEmpty else {
            return [
                "  # No Containerfile was found; 'devcluster init --containerfile LANGUAGE' writes one.",
                "  images: []",
            ]
        }
        var lines = [
            "  # What is built. Manifests that say 'image: NAME', or what stands in 'matches', get it.",
            "  images:",
        ]
        for image in images {
            lines.append("    - name: \(ConfigurationDraft.yaml(image.name))")
            lines.append("      context: \(ConfigurationDraft.yaml(image.context))")
            if let file = image.containerfile {
                lines.append("      containerfile: \(ConfigurationDraft.yaml(file))")
            }
            if !image.matches.isEmpty {
                let list = image.matches.map(ConfigurationDraft.yaml).joined(separator: ", ")
                lines.append("      matches: [\(list)]")
            }
        }
        return lines
    }

    private var manifestLines: [String] {
        guard !manifests.isEmpty || !charts.isEmpty else {
            return [
                "  # No manifests were found: without any, deploy sets the images of workloads that run.",
                "  manifests: []",
            ]
        }
        var lines = ["  # What is applied, in this order.", "  manifests:"]
        lines += manifests.map { "    - \(ConfigurationDraft.yaml($0))" }
        lines += alternatives.map { "    # - \(ConfigurationDraft.yaml($0))" }
        lines += charts.map { chart in
            "    - render: [helm, template, \(ConfigurationDraft.yaml(name)), "
                + "\(ConfigurationDraft.yaml(chart.isEmpty ? "." : chart))]"
        }
        return lines
    }

    /// The text as a YAML string: in quotes unless it is a plain word in every version of YAML.
    static func yaml(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_.\/-]*/) != nil
        let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        if isPlain && !words.contains(text.lowercased()) { return text }
        let data = try? JSONValue.string(text).encoded()
        return data.map { String(decoding: $0, as: UTF8.self).trimmingSpace } ?? "\"\""
    }
}
