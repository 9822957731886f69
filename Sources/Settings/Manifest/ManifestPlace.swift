import StateFiles
import SystemLibraries
import Vocabulary

/// A file or folder with manifests.
struct ManifestPlace: Sendable, Equatable {
    /// As the configuration names it.
    var name: String
    /// Absolute.
    var path: String

    /// Whether kubectl reads a file of this name when it is given the folder.
    static func isManifest(_ name: String) -> Bool {
        [".json", ".yaml", ".yml"].contains { name.hasSuffix($0) }
    }

    /// Whether kustomize makes the manifests.
    var isKustomization: Bool {
        get throws(DevClusterError) {
            let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"]
            return try WholeFile.first(names.map { "\(path)/\($0)" }) != nil
        }
    }

    /// The folder that it leads to, where it is a link to one: kubectl does not go into a link.
    var followed: ManifestPlace {
        let bare = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard FileStatus(bare)?.kind == .link, let real = realpath(bare, nil) else { return self }
        defer { free(real) }
        return ManifestPlace(name: name, path: String(cString: real))
    }

    /// Whether Helm makes the manifests.
    var isChart: Bool {
        get throws(DevClusterError) { try WholeFile.exists("\(path)/Chart.yaml") }
    }

    /// The manifests below a folder, as kubectl takes them; the file itself for a file.
    var files: [ManifestPlace] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            return [self]
        }
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.filter(ManifestPlace.isManifest).sorted().map(inside)
    }

    /// The name of the folder that it is in.
    var folder: String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return parts.isEmpty ? "." : parts.joined(separator: "/") + "/"
    }

    /// What is in this folder.
    func inside(_ relative: String) -> ManifestPlace {
        let folder = name.hasSuffix("/") ? name : name + "/"
        return ManifestPlace(name: folder + relative, path: "\(path)/\(relative)")
    }
}
