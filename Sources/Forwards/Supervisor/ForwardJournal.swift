import StateFiles
import SystemLibraries
import Vocabulary

/// The log of a forward: a line for each change, and what kubectl complained of.
struct ForwardJournal: Sendable {
    /// Where it is written; the one before is beside it, with `.1` after its name.
    let path: String
    /// Bytes after which a new file is begun.
    var limit = 256 << 10

    /// Adds a line with the time; a log that cannot be written is no reason to stop.
    func write(_ line: String) {
        let text = "\(Date().timestamp)  \(line)\n"
        let flags = O_WRONLY | O_CREAT | O_APPEND
        guard let file = (try? StateFile.open(path, flags)) ?? nil else { return }
        defer { close(file) }
        var text8 = text
        _ = text8.withUTF8 { Self.writeBytes(file, $0) }
        var status = stat()
        if fstat(file, &status) == 0, Int(status.st_size) > limit { rename(path, path + ".1") }
    }

    /// The newest lines, oldest first.
    ///
    /// - Throws: `DevClusterError` when a file is there and cannot be read.
    func lines(_ count: Int) throws -> [String] {
        let data = try [path + ".1", path].map { try WholeFile.read($0) ?? Data() }
        let all = String(decoding: data[0] + data[1], as: UTF8.self)
        return all.split(separator: "\n").suffix(count).map { ShownText.line(String($0)) }
    }

    private static func writeBytes(_ file: Int32, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        #if canImport(Glibc)
            Glibc.write(file, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(file, bytes.baseAddress, bytes.count)
        #endif
    }
}
