public import SystemLibraries

/// An empty folder of its own for a test, removed with all it holds when the last reference goes.
public final class TemporaryFolder: Sendable {
    /// Its absolute path, without symbolic links or a slash at the end.
    public let path: String

    /// Makes the folder.
    ///
    /// - Throws: what `FileManager` throws.
    public init() throws {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        path = "\(base)/dct-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The absolute path of something in it.
    public func file(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Writes a file, and the folders on the way to it, and returns its absolute path.
    ///
    /// An executable can be run as soon as this returns, also while other tests start children.
    /// - Parameter mode: the file's permissions.
    /// - Throws: what `FileManager` throws, `CocoaError` if it cannot be written.
    @discardableResult
    public func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let path = file(name)
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        try writeFile(path, Data(text.utf8))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        if mode & 0o111 != 0 { waitUntilNobodyWrites(path) }
        return path
    }

    /// The bytes of a file in it.
    ///
    /// - Throws: what `Data` throws if it cannot be read.
    public func read(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: file(name)))
    }

    /// A file in it as text.
    ///
    /// - Throws: what `Data` throws if it cannot be read.
    public func text(_ name: String) throws -> String {
        String(decoding: try read(name), as: UTF8.self)
    }

    /// The names in it, sorted.
    ///
    /// - Throws: what `FileManager` throws.
    public func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

/// Writes a file that no child inherits.
///
/// `Data.write` opens it without close-on-exec: a child that another test starts just then keeps
/// it open for as long as it lives.
private func writeFile(_ path: String, _ data: Data) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(file) }
    var rest = data[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count > 0 else { throw CocoaError(.fileWriteUnknown) }
        rest = rest.dropFirst(count)
    }
}

/// Waits until no process has the file open for writing.
///
/// One that another thread is just starting may have inherited it and not yet closed it; until
/// then, exec fails with ETXTBSY (golang/go issue 22315). A read lease is refused for as long.
private func waitUntilNobodyWrites(_ path: String) {
    #if os(Linux)
        // F_SETLEASE of <fcntl.h>, which the Glibc module hides.
        let setLease: Int32 = 1024
        let file = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        for _ in 0..<500 {
            if fcntl(file, setLease, Int32(F_RDLCK)) == 0 || errno != EAGAIN { break }
            usleep(2000)
        }
    #endif
}
