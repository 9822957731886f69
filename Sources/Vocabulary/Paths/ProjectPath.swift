/// Paths relative to a project's folder: without `.` and slashes at the ends; "" is the folder.
package enum ProjectPath {
    /// A path as written in a file of this folder; nil when it leads out of the project.
    package static func joined(_ folder: String, _ path: String) -> String? {
        guard !path.hasPrefix("/"), !path.hasPrefix("~") else { return nil }
        var parts: [Substring] = []
        for part in "\(folder)/\(path)".split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(part)
                continue
            }
            guard parts.popLast() != nil else { return nil }
        }
        return parts.joined(separator: "/")
    }

    /// The folder that holds it.
    package static func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// The last component.
    package static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// The components.
    package static func parts(of path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }

    /// Whether it is in the folder, at any depth.
    package static func isIn(_ path: String, _ folder: String) -> Bool {
        folder.isEmpty || path.hasPrefix(folder + "/")
    }

    /// As it is written into the configuration: a folder is told from a file.
    package static func written(folder: String) -> String { folder.isEmpty ? "." : folder + "/" }
}
