#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a project's folder holds that a configuration can name.
struct ProjectScan: Sendable, Equatable {
    /// Containerfiles, relative to the folder, sorted.
    var containerfiles: [String] = []
    /// Folders with a Helm chart.
    var charts: [String] = []
    /// Folders with a kustomization that no other one takes in.
    var kustomizations: [String] = []
    /// Files with Kubernetes manifests.
    var manifests: [String] = []
    /// Folders of which every YAML file holds manifests.
    var manifestFolders: [String] = []
    /// References of images that manifests name.
    var references: [String] = []

    private static let deepest = 5
    private static let mostFolders = 2000
    /// What tools make, or what belongs to others.
    private static let skipped: Set<String> = [
        "node_modules", "target", "vendor", "dist", "build", "out", "venv", "__pycache__",
        "testdata",
    ]
    private static let kustomizationNames = [
        "kustomization.yaml", "kustomization.yml", "Kustomization",
    ]

    /// Looks through the folder, five levels deep; what cannot be read is passed over.
    init(folder: String) {
        var open = [""]
        var used: [String] = []
        var looked = 0
        while !open.isEmpty, looked < ProjectScan.mostFolders {
            let place = open.removeFirst()
            looked += 1
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(place)"))
            let (folders, files) = ProjectScan.parted(names ?? [], in: "\(folder)/\(place)")
            containerfiles += files.filter(ProjectScan.isContainerfile).map { place + $0 }
            if files.contains("Chart.yaml") {
                // What is in a chart's folder is no manifest before Helm has rendered it.
                charts.append(place)
                continue
            }
            if let name = ProjectScan.kustomizationNames.first(where: files.contains) {
                kustomizations.append(place)
                let text = ProjectScan.text("\(folder)/\(place)\(name)")
                used += ProjectScan.paths(in: text).map { ProjectScan.resolved($0, from: place) }
            }
            read(files, place, folder)
            if place.count(where: { $0 == "/" }) < ProjectScan.deepest {
                open += folders.map { "\(place)\($0)/" }
            }
        }
        kustomizations.removeAll(where: used.contains)
        let rendered = kustomizations + used
        manifests.removeAll { file in rendered.contains { !$0.isEmpty && file.hasPrefix($0) } }
        manifestFolders.removeAll { folder in
            rendered.contains { !$0.isEmpty && folder.hasPrefix($0) } || rendered.contains(folder)
        }
        containerfiles.sort()
    }

    /// Folders and files of a folder, hidden ones left out, links not followed.
    private static func parted(_ names: [String], in place: String) -> (
        folders: [String], files: [String]
    ) {
        var parted: (folders: [String], files: [String]) = ([], [])
        for name in names.sorted() where !name.hasPrefix(".") && !skipped.contains(name) {
            switch FileStatus("\(place)/\(name)")?.kind {
            case .folder: parted.folders.append(name)
            case .file: parted.files.append(name)
            default: break
            }
        }
        return parted
    }

    /// `Containerfile`, `Dockerfile`, `web.Containerfile`, `Dockerfile.web`.
    private static func isContainerfile(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        let isOne = [parts.first, parts.last].contains {
            ["Containerfile", "Dockerfile"].contains($0)
        }
        return isOne && parts.count <= 2 && !name.hasSuffix("ignore")
    }

    /// Sorts a folder's YAML files into manifests and others.
    private mutating func read(_ files: [String], _ place: String, _ folder: String) {
        let yaml = files.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
        let texts = yaml.map { ProjectScan.text("\(folder)/\(place)\($0)") }
        let found = zip(yaml, texts).filter { ProjectScan.isManifest($0.1) }
        guard !found.isEmpty else { return }
        references += found.flatMap { ProjectScan.images(in: $0.1) }
        if found.count == yaml.count && !place.isEmpty {
            manifestFolders.append(place)
        } else {
            manifests += found.map { place + $0.0 }
        }
    }

    /// Whether it says a kind and a version of Kubernetes' API, not of a tool's own file.
    private static func isManifest(_ text: String) -> Bool {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.contains(where: { $0.hasPrefix("kind:") }),
            let version = lines.first(where: { $0.hasPrefix("apiVersion:") })
        else { return false }
        return ![
            "devcluster.dev/", "kind.x-k8s.io/", "skaffold/", "kustomize.config.k8s.io/", "ctlptl",
        ].contains { version.contains($0) }
    }

    /// The values of `image:` lines.
    private static func images(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\"" || $0 == "'" }
            guard let index = words.firstIndex(of: "image:"), index <= 1, index + 1 < words.count
            else { return nil }
            return String(words[index + 1])
        }
    }

    /// The list items of a kustomization that may be folders.
    private static func paths(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let item = line.trimmingSpace
            return item.hasPrefix("- ")
                ? item.dropFirst(2).filter { $0 != "\"" && $0 != "'" }.trimmingSpace : nil
        }
    }

    /// A written path from the project's folder on, with a slash at its end.
    private static func resolved(_ path: String, from place: String) -> String {
        var parts: [Substring] = []
        for part in (place + path).split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.map { $0 + "/" }.joined()
    }

    /// A file's text; empty when it cannot be read, or is too large for a manifest by hand.
    private static func text(_ path: String) -> String {
        guard let status = FileStatus(path), status.size < 1 << 20 else { return "" }
        return FileManager.default.contents(atPath: path)
            .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
