/// Absolute paths as text.
package enum FilePaths {
    /// The path without `.`, `..` and empty names.
    package static func normalized(_ path: String) -> String {
        var names: [Substring] = []
        for name in path.split(separator: "/") where name != "." {
            if name == ".." { _ = names.popLast() } else { names.append(name) }
        }
        return "/" + names.joined(separator: "/")
    }

    /// The path as it is named in a folder: `../x`, or `.` for the folder itself.
    package static func relative(_ path: String, to folder: String) -> String {
        let names = path.split(separator: "/")
        let from = folder.split(separator: "/")
        let shared = zip(names, from).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: from.count - shared)
        let parts = steps + names.dropFirst(shared).map(String.init)
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// The nearest folder that holds both, or is one of them.
    package static func common(_ path: String, _ other: String) -> String {
        let names = zip(path.split(separator: "/"), other.split(separator: "/"))
            .prefix { $0 == $1 }.map { String($0.0) }
        return "/" + names.joined(separator: "/")
    }
}
