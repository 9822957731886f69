import SystemLibraries
import Vocabulary

/// Reads files and folders; what cannot be read is never taken for what is not there.
package enum WholeFile {
    /// What the system answers instead to the opening of a path, as `errno`; only tests set it.
    @TaskLocal static var refusal: (@Sendable (String) -> Int32?)?

    /// Whether an error says that nothing of that name exists; all others say nothing of it.
    static func isAbsence(_ code: Int32) -> Bool { code == ENOENT || code == ENOTDIR }

    /// Bytes that are read of a file at most; all that is read whole is far smaller.
    static let largest = 64_000_000

    /// The file's content; nil only where there is no such file.
    ///
    /// - Throws: `DevClusterError` naming the path and the system's reason, also for a folder or a
    ///   pipe in the file's place, and for a file that nobody can have meant to be read whole.
    package static func read(_ path: String) throws(DevClusterError) -> Data? {
        // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
        guard let file = try opened(path, O_RDONLY | O_NONBLOCK) else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw unreadable(path, isFolder ? "it is a folder" : "it is not a regular file")
        }
        guard status.st_size <= largest else { throw tooLarge(path) }
        var bytes = Data(capacity: Int(status.st_size) + 1)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(file, &buffer, buffer.count)
            #else
                let count = Darwin.read(file, &buffer, buffer.count)
            #endif
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= largest else { throw tooLarge(path) }
        }
    }

    /// Whether this is `/dev/null`, or a link to it, which reads as an empty file.
    package static func isNull(_ path: String) -> Bool {
        var status = stat()
        var null = stat()
        return stat(path, &status) == 0 && stat("/dev/null", &null) == 0
            && status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == null.st_rdev
    }

    /// Whether anything has this name.
    ///
    /// - Parameter followsLinks: false counts a link that leads nowhere too.
    /// - Throws: `DevClusterError` when that cannot be told.
    package static func exists(
        _ path: String, followsLinks: Bool = true
    ) throws(DevClusterError) -> Bool {
        var status = stat()
        let answer = followsLinks ? stat(path, &status) : lstat(path, &status)
        let code = refusal?(path) ?? (answer == 0 ? 0 : errno)
        if code == 0 { return true }
        guard isAbsence(code) else { throw unreadable(path, code) }
        return false
    }

    /// The first of these paths that has anything.
    ///
    /// - Throws: `DevClusterError` when that cannot be told.
    package static func first(_ paths: [String]) throws(DevClusterError) -> String? {
        for path in paths where try exists(path) { return path }
        return nil
    }

    /// The sorted names in a folder; none only where there is no such folder.
    ///
    /// - Throws: `DevClusterError` naming the path and the system's reason.
    package static func names(in folder: String) throws(DevClusterError) -> [String]? {
        guard let file = try opened(folder, O_RDONLY | O_DIRECTORY) else { return nil }
        guard let stream = fdopendir(file) else {
            let code = errno
            close(file)
            throw unreadable(folder, code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw unreadable(folder, errno) }
        return names.sorted()
    }

    private static func opened(_ path: String, _ flags: Int32) throws(DevClusterError) -> Int32? {
        if let code = refusal?(path) {
            if isAbsence(code) { return nil }
            throw unreadable(path, code)
        }
        let file = open(path, flags | O_CLOEXEC)
        if file >= 0 { return file }
        let code = errno
        // A file where a folder was meant is no absence of what is in it.
        let isFile = code == ENOTDIR && flags & O_DIRECTORY != 0 && access(path, F_OK) == 0
        guard isAbsence(code), !isFile else { throw unreadable(path, code) }
        return nil
    }

    private static func tooLarge(_ path: String) -> DevClusterError {
        unreadable(path, "it is larger than \(byteCount(BoundedInteger(largest)))")
    }

    private static func unreadable(_ path: String, _ code: Int32) -> DevClusterError {
        unreadable(path, String(cString: strerror(code)).lowercased())
    }

    private static func unreadable(_ path: String, _ reason: String) -> DevClusterError {
        DevClusterError(
            .failed, "cannot read \(ShownText.line(path)): \(reason)",
            hint: "see what is there: ls -ld '\(ShownText.line(path))'")
    }
}
