import StateFiles
import SystemLibraries
import Vocabulary

/// A named pipe by which commands tell a supervisor to look: `forwards.wake` in the state folder.
///
/// Unlike a socket its path may be of any length, and unlike a signal it reaches nobody else.
final class WakePipe {
    /// What a supervisor is told.
    enum Message: UInt8 {
        /// Read what is wanted.
        case look = 0x6C
        /// End everything.
        case end = 0x65
    }

    let descriptor: Int32
    private let path: String

    static func path(_ folder: String) -> String { "\(folder)/forwards.wake" }

    /// Opens it for listening, made anew.
    init(folder: String) throws {
        path = WakePipe.path(folder)
        unlink(path)
        // Open for writing too, so that it never reaches an end of file.
        guard mkfifo(path, 0o600) == 0 else { throw WakePipe.failure(path) }
        guard let pipe = try StateFile.open(path, O_RDWR, isPipe: true) else {
            throw WakePipe.failure(path)
        }
        descriptor = pipe
    }

    deinit { close(descriptor) }

    /// Takes the messages that have come.
    func messages() -> [Message] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        return bytes.prefix(max(count, 0)).compactMap(Message.init)
    }

    /// Removes the file, so that nobody writes to it any more.
    func remove() { unlink(path) }

    /// Tells the supervisor of this folder; SIGPIPE has to be ignored, since it may just end.
    ///
    /// - Returns: whether one listens.
    @discardableResult
    static func send(_ message: Message, folder: String) -> Bool {
        guard let pipe = (try? StateFile.open(path(folder), O_WRONLY, isPipe: true)) ?? nil else {
            return false
        }
        defer { close(pipe) }
        return send(message, to: pipe)
    }

    /// Writes a message to an open pipe; does only what a signal handler may do.
    @discardableResult
    static func send(_ message: Message, to descriptor: Int32) -> Bool {
        var byte = message.rawValue
        return write(descriptor, &byte, 1) == 1
    }

    private static func failure(_ path: String) -> DevClusterError {
        DevClusterError(
            .failed, "cannot make the pipe \(path): \(String(cString: strerror(errno)))")
    }
}
