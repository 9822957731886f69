import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// The files of a project, hidden ones and what tools made left out.
struct ProjectFiles: Sendable {
    /// The project's folder.
    let folder: String
    /// Paths of the files, sorted.
    private(set) var paths: [String] = []
    /// Whether there are more, which were not looked at.
    private(set) var isCut = false

    private static let deepest = 8
    private let planned: Set<String>

    private static let mostFolders = 3000
    private static let largestText = 1 << 20
    /// What tools make, or what belongs to others.
    private static let skipped: Set<String> = [
        "node_modules", "target", "vendor", "dist", "out", "venv", "__pycache__", "testdata",
    ]

    /// Looks through the folder; what cannot be read is passed over, links are not followed.
    ///
    /// - Parameter planned: paths of files that will be there.
    init(folder: String, with planned: [String] = []) {
        self.folder = folder
        paths = planned
        self.planned = Set(planned)
        let ignored = ProjectFiles.skipped.union(ProjectFiles.ignoredNames(folder))
        var open = [""]
        var looked = 0
        while !open.isEmpty {
            let place = open.removeFirst()
            looked += 1
            let names = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(place)")
            for name in (names ?? []).sorted() where !name.hasPrefix(".") {
                let path = place.isEmpty ? name : "\(place)/\(name)"
                switch FileStatus("\(folder)/\(path)")?.kind {
                case .file: paths.append(path)
                case .folder where !ignored.contains(name): open.append(path)
                default: break
                }
            }
            if let first = open.first, looked == ProjectFiles.mostFolders || first.isTooDeep {
                isCut = true
                break
            }
        }
        paths = Set(paths).sorted()
    }

    /// The plain names in the project's `.gitignore`: folders of what is built, mostly.
    private static func ignoredNames(_ folder: String) -> Set<String> {
        let text = FileManager.default.contents(atPath: "\(folder)/.gitignore") ?? Data()
        let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
        let names = lines.map { line in
            String(line.trimmingSpace.drop { $0 == "/" }.reversed().drop { $0 == "/" }.reversed())
        }
        return Set(names.filter { $0.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil })
    }

    /// The text of a file; nil when it cannot be read, or nobody wrote so much by hand.
    func text(_ path: String) -> String? {
        let whole = "\(folder)/\(path)"
        guard let status = FileStatus(whole), status.kind == .file,
            status.size < ProjectFiles.largestText
        else { return nil }
        return FileManager.default.contents(atPath: whole)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether there is a file of this path.
    func hasFile(_ path: String) -> Bool {
        planned.contains(path) || FileStatus("\(folder)/\(path)")?.kind == .file
    }

    /// Whether there is a folder of this path.
    func hasFolder(_ path: String) -> Bool {
        path.isEmpty || FileStatus("\(folder)/\(path)")?.kind == .folder
    }

    /// The files of one of these names.
    func named(_ names: [String]) -> [String] {
        paths.filter { names.contains(ProjectPath.name(of: $0)) }
    }

    /// The Containerfile that a build of this folder uses by itself.
    func containerfile(in context: String) -> String? {
        ["Containerfile", "Dockerfile"].map { ProjectPath.joined(context, $0) ?? $0 }
            .first(where: hasFile)
    }
}

extension String {
    fileprivate var isTooDeep: Bool { count { $0 == "/" } >= 8 }
}
