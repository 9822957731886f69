import SystemLibraries
import Vocabulary

/// Where devcluster keeps what it must remember; `docs/formats.md` describes every file.
public struct StateFolder: Sendable, Hashable {
    /// Absolute path of the folder; it need not exist yet.
    public let path: String

    /// A state folder at this absolute path.
    package init(path: String) {
        self.path = path
    }

    /// The folder that the environment names: `DEVCLUSTER_STATE`, else below `XDG_STATE_HOME`,
    /// else `~/.local/state/devcluster`.
    ///
    /// - Throws: `DevClusterError` when none of these variables nor `HOME` is an absolute path.
    public init(environment: [String: String]) throws {
        func absolute(_ name: String) -> String? {
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        if let given = environment["DEVCLUSTER_STATE"], !given.isEmpty {
            guard given.hasPrefix("/") else {
                throw DevClusterError(
                    .usage, "DEVCLUSTER_STATE is '\(given)', which is not an absolute path")
            }
            self.init(path: given)
        } else if let base = absolute("XDG_STATE_HOME") {
            self.init(path: base + "/devcluster")
        } else if let home = absolute("HOME") {
            self.init(path: home + "/.local/state/devcluster")
        } else {
            throw DevClusterError(
                .usage, "HOME is not set, so there is no place for devcluster's state",
                hint: "set DEVCLUSTER_STATE to a folder")
        }
    }

    /// The folder itself, where nobody else can change what is in it, or nothing is there yet.
    ///
    /// - Throws: `DevClusterError` when it belongs to another user, or others may write to it.
    public func verified() throws(DevClusterError) -> StateFolder {
        var status = stat()
        guard try WholeFile.exists(path), stat(path, &status) == 0 else { return self }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StateFolder.refusal(path, "it is no folder", remedy: nil)
        }
        if let reason = StateFile.foreign(status) {
            throw StateFolder.refusal(
                path, reason, remedy: status.st_uid == geteuid() ? "chmod go-w '\(path)'" : nil)
        }
        return self
    }

    private static func refusal(_ path: String, _ reason: String, remedy: String?)
        -> DevClusterError
    {
        let other = "set DEVCLUSTER_STATE to a folder of your own"
        return DevClusterError(
            .failed, "the state folder \(ShownText.line(path)) is not used: \(reason)",
            hint: remedy.map { "\(ShownText.line($0)), or \(other)" } ?? other)
    }

    /// The folder of one cluster of ours.
    package func cluster(_ engine: EngineName, _ name: String) -> String {
        "\(path)/clusters/\(engine.rawValue)-\(name)"
    }

    /// The folder of one registry.
    package func registry(_ engine: EngineName, _ name: String) -> String {
        "\(path)/registries/\(engine.rawValue)-\(name)"
    }

    /// The folder for a cluster made by others, known by its context.
    package func context(_ name: String) -> String {
        let safe = name.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                return String(UnicodeScalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                return "%" + (hex.count < 2 ? "0" + hex : hex)
            }
        }
        return "\(path)/contexts/\(safe.joined())"
    }

    /// The name of the cluster or context that a folder of `allPlaces` is for.
    public static func clusterName(ofPlace folder: String) -> String {
        let parts = folder.split(separator: "/")
        guard let last = parts.last else { return folder }
        if parts.dropLast().last == "contexts" { return String(last) }
        return last.split(separator: "-", maxSplits: 1).last.map(String.init) ?? String(last)
    }

    /// Folders of all clusters and contexts that have any state, sorted.
    ///
    /// - Throws: `DevClusterError` when a folder cannot be read.
    public func allPlaces() throws -> [String] {
        try ["clusters", "contexts"].flatMap { group -> [String] in
            let folder = "\(path)/\(group)"
            return try (WholeFile.names(in: folder) ?? []).map { "\(folder)/\($0)" }
        }
    }
}
