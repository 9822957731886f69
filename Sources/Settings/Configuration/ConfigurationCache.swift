import StateFiles
import SystemLibraries
import Vocabulary

/// Parsed configuration files, so that kubectl, which takes 45 ms, runs once for each version.
///
/// One file for each path. An entry counts only if path, identity and the whole text agree, so a
/// stale or damaged one does no harm; whatever goes wrong here is ignored.
struct ConfigurationCache {
    private struct Entry: Codable {
        var version: Int
        var path: String
        var identity: ConfigurationFile.Identity
        var text: String
        var document: JSONValue
    }

    /// Part of the file names too, so that binaries of two versions leave each other's alone.
    private static let version = 1
    private static let prefix = "v\(version)-"
    /// Entries that are kept.
    static let largest = 32

    /// Absolute path of the folder; need not exist.
    let folder: String

    /// The document of exactly this version of the file, or nil.
    func document(of file: ConfigurationFile) -> JSONValue? {
        guard let data = (try? WholeFile.read(entryPath(file.path))) ?? nil,
            let value = try? JSONValue(parsing: data),
            value["version"] == .integer(Int64(Self.version)),
            value["path"] == .string(file.path), value["text"] == .string(file.text),
            let identity = try? JSONValue(encoding: file.identity),
            value["identity"] == identity
        else { return nil }
        return value["document"]
    }

    /// Keeps the document; a file that changed meanwhile is left out.
    func store(_ document: JSONValue, of file: ConfigurationFile) {
        guard file.isCurrent else { return }
        let entry = Entry(
            version: Self.version, path: file.path, identity: file.identity, text: file.text,
            document: document)
        guard let data = try? JSONEncoder().encode(entry) else { return }
        try? AtomicFile.write(data, to: entryPath(file.path))
        removeOld()
    }

    private func entryPath(_ path: String) -> String {
        // The entry itself says which path it belongs to, so a collision only costs time.
        "\(folder)/\(Self.prefix)\(SHA256.hex(path.utf8).prefix(16)).json"
    }

    /// Removes all but the newest entries, with what a killed process left behind of them.
    private func removeOld() {
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: folder)) ?? []
        let ours = names.filter { $0.hasPrefix(Self.prefix) }
        guard ours.count > Self.largest else { return }
        let dated = ours.map { name -> (path: String, date: Date) in
            let path = "\(folder)/\(name)"
            return (path, FileStatus(path)?.modified ?? .distantPast)
        }
        for old in dated.sorted(by: { $0.date > $1.date }).dropFirst(Self.largest) {
            try? manager.removeItem(atPath: old.path)
        }
    }
}
