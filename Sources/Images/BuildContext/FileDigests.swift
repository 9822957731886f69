import Settings
import Synchronization
import SystemLibraries
import Vocabulary

/// Digests of files' contents; a file that did not change meanwhile is read once, however many
/// images take it in.
final class FileDigests: Sendable {
    private struct Known {
        var identity: ConfigurationFile.Identity
        var digest: String
    }

    private let known = Mutex<[String: Known]>([:])
    private static let bufferSize = 256 << 10

    /// The SHA-256 of a regular file, as 64 hexadecimal digits.
    ///
    /// - Parameter size: what it has; of one that has grown since only so much is read, or one
    ///   that grows faster than it is read would never end.
    /// - Throws: `DevClusterError` when it cannot be read, or is no file any more;
    ///   `CancellationError`.
    func digest(of path: String, size: Int64) throws -> String {
        // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileDigests.unreadable(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw FileDigests.unreadable(path)
        }
        let identity = ConfigurationFile.Identity(status)
        if let there = known.withLock({ $0[path] }), there.identity == identity {
            return there.digest
        }
        let digest = try FileDigests.content(descriptor, size, path)
        guard Int64(status.st_size) == size else { return digest }
        known.withLock { $0[path] = Known(identity: identity, digest: digest) }
        return digest
    }

    private static func content(
        _ descriptor: Int32, _ size: Int64, _ path: String
    ) throws -> String {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        var hash = SHA256()
        var left = size
        while left > 0 {
            try Task.checkCancellation()
            let most = Int(min(Int64(buffer.count), left))
            let count = read(descriptor, buffer.baseAddress, most)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            if count == 0 { break }
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            left -= Int64(count)
        }
        return hash.finish()
    }

    private static func unreadable(_ path: String) -> DevClusterError {
        DevClusterError(
            .failed,
            "cannot read \(ShownText.line(path)): \(String(cString: strerror(errno)).lowercased())")
    }
}
