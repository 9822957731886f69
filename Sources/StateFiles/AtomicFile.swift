import SystemLibraries
import Vocabulary

/// Writes whole files so that a crash leaves the old or the new content, never a part.
package enum AtomicFile {
    /// Replaces the file's content: temporary file beside it, fsync, rename, fsync of the folder.
    ///
    /// `Data.write(.atomic)` leaves mode 0644 and does not fsync.
    /// - Parameter mode: permission bits of the file; folders that are made get 0700.
    /// - Parameter survivesPowerLoss: false leaves the fsyncs out, for what a reboot makes void.
    /// - Throws: `DevClusterError` naming the path and the system's reason.
    package static func write(
        _ data: Data, to path: String, mode: UInt32 = 0o600, survivesPowerLoss: Bool = true
    ) throws {
        let folder = parent(of: path)
        try makeFolder(folder)
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw failure("write", temporary) }
        do {
            try writeAll(data, to: descriptor, path: temporary)
            if survivesPowerLoss, fsync(descriptor) != 0 { throw failure("write", temporary) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            let error = failure("write", path)
            unlink(temporary)
            throw error
        }
        if survivesPowerLoss { syncFolder(folder) }
    }

    /// Makes the folder and the missing ones above it with mode 0700.
    ///
    /// - Throws: `DevClusterError` naming the path and the system's reason.
    package static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path != "/", !path.isEmpty else {
            throw failure("create the folder", path)
        }
        try makeFolder(parent(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw failure("create the folder", path)
        }
    }

    /// The path without its last component.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func writeAll(_ data: Data, to descriptor: Int32, path: String) throws {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { unsafe in
                #if canImport(Glibc)
                    Glibc.write(descriptor, unsafe.baseAddress, unsafe.count)
                #else
                    Darwin.write(descriptor, unsafe.baseAddress, unsafe.count)
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func syncFolder(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ verb: String, _ path: String) -> DevClusterError {
        DevClusterError(
            .failed, "cannot \(verb) \(path): \(String(cString: strerror(errno)))",
            hint: "check the permissions and the free space there, or set DEVCLUSTER_STATE")
    }
}
