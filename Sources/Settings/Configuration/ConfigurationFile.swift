import SystemLibraries
import Vocabulary

/// A configuration file as it was at one moment: its bytes, and what identifies that version.
package struct ConfigurationFile: Sendable {
    /// What changes when the file does.
    package struct Identity: Sendable, Hashable, Codable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        /// Nanoseconds since 1970.
        var modified: Int64
    }

    /// Larger files are no configuration.
    static let largest = 1 << 20

    let path: String
    let identity: Identity
    let text: String

    /// Reads the file.
    ///
    /// - Throws: `DevClusterError` with code `usage`: not there, not readable, no regular file,
    ///   too large, not UTF-8; `failed` where the system is to blame.
    init(path: String) throws(DevClusterError) {
        self.path = path
        // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DevClusterError(
                .usage, "the configuration \(ShownText.line(path)) is not a regular file")
        }
        identity = Identity(status)
        let bytes = try Self.bytes(of: descriptor, path: path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let good = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
            let line = good.utf8.count { $0 == 0x0A } + 1
            throw DevClusterError(
                .usage, "the configuration \(ShownText.line(path)) is not UTF-8 in line \(line)")
        }
        self.text = text
    }

    /// Whether the file at the path is still this version.
    var isCurrent: Bool {
        var status = stat()
        return stat(path, &status) == 0 && Identity(status) == identity
    }

    private static func bytes(
        of descriptor: Int32, path: String
    ) throws(DevClusterError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= largest else {
                throw DevClusterError(
                    .usage, "the configuration \(ShownText.line(path)) is larger than 1 MiB")
            }
        }
    }

    /// What the system answers where it is the path that is wrong.
    private static let faults: Set = [
        ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG, EINVAL, ENXIO, ENODEV,
    ]

    static func unreadable(_ path: String, _ number: Int32) -> DevClusterError {
        let reason = String(cString: strerror(number)).lowercased()
        return DevClusterError(
            faults.contains(number) ? .usage : .failed,
            "cannot read the configuration \(ShownText.line(path)): \(reason)",
            hint: number == EMFILE ? "allow more open files: ulimit -n 1024" : nil)
    }
}

extension ConfigurationFile.Identity {
    package init(_ status: stat) {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        self.init(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino), size: Int64(status.st_size),
            modified: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}
