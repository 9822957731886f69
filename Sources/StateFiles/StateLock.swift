import ChildProcess
import Synchronization
import SystemLibraries
import Vocabulary

/// A lock on a file of the state folder, let go when the process ends, however it ends.
///
/// The kernel's `flock` decides who has it, so nothing can be stale; the file's content only
/// tells others who that is.
package final class StateLock: Sendable {
    /// Who may have the lock at the same time.
    package enum Mode: Sendable {
        /// Nobody else.
        case exclusive
        /// Everybody else who shares it.
        case shared
    }

    /// Who holds a lock, as written in its file; of several who share it, the last to take it.
    package struct Holder: Codable, Sendable {
        /// The process.
        package var process: ProcessIdentity
        /// Its command line, without values that could be secret.
        package var command: String
        /// When it took the lock.
        package var since: Date
    }

    private let descriptor: Int32
    private let waited = Atomic(false)

    /// Whether somebody else had it first, so that what was seen before may be otherwise now.
    package var hadToWait: Bool { waited.load(ordering: .relaxed) }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Takes the lock, waiting for another process to let it go.
    ///
    /// One process may share a lock several times, but not take it in both modes.
    /// - Parameter wait: how long to wait; zero refuses at once.
    /// - Parameter command: what to tell others who find the lock taken.
    /// - Throws: `DevClusterError` naming the holder when the time is up.
    package static func take(
        _ path: String, for command: String, mode: Mode = .exclusive, wait: Duration = .zero,
        onWait: (Holder?) -> Void = { _ in }
    ) async throws -> StateLock {
        let lock = try opened(path)
        let descriptor = lock.descriptor
        let end = ContinuousClock.now + wait
        let operation = mode == .shared ? LOCK_SH : LOCK_EX
        while flock(descriptor, operation | LOCK_NB) != 0 {
            let holder = (try? StoredFile<Holder>(path: path).read()) ?? nil
            guard ContinuousClock.now < end else { throw refusal(path, holder) }
            if !lock.waited.exchange(true, ordering: .relaxed) { onWait(holder) }
            try await Task.sleep(for: .milliseconds(100))
        }
        lock.write(command)
        return lock
    }

    /// Takes the lock exclusively, or refuses within 0.1 s; for code that may not suspend.
    ///
    /// - Throws: `DevClusterError` naming the holder.
    package static func takeNow(_ path: String, for command: String) throws -> StateLock {
        let lock = try opened(path)
        // Whoever only asks whether it is taken has it for a moment.
        for _ in 1...20 {
            if flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 {
                lock.write(command)
                return lock
            }
            usleep(5_000)
        }
        throw refusal(path, (try? StoredFile<Holder>(path: path).read()) ?? nil)
    }

    /// Whether somebody has the lock just now, also where that cannot be told.
    package static func isTaken(_ path: String) -> Bool {
        let descriptor: Int32
        do {
            // For reading, so that it can be asked on a disk that became read-only.
            guard let file = try StateFile.open(path, O_RDONLY) else { return false }
            descriptor = file
        } catch {
            return true
        }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    private static func opened(_ path: String) throws -> StateLock {
        try AtomicFile.makeFolder(AtomicFile.parent(of: path))
        guard let descriptor = try StateFile.open(path, O_RDWR | O_CREAT) else {
            throw DevClusterError(.failed, "cannot open the lock \(path)")
        }
        return StateLock(descriptor: descriptor)
    }

    private static func refusal(_ path: String, _ holder: Holder?) -> DevClusterError {
        let who = holder.map { "'\($0.command)' (process \($0.process.pid))" } ?? "another process"
        return DevClusterError(
            .failed, "\(who) is working on the same thing; it holds \(path)",
            hint: "wait for it to end, or say --wait-lock 5m")
    }

    private func write(_ command: String) {
        struct Content: Encodable {
            var version = stateFileVersion
            var content: Holder
        }
        let holder = Holder(process: .current, command: command, since: Date())
        guard let data = try? JSONEncoder.state.encode(Content(content: holder)) else { return }
        // In place, not by rename: the lock is on this file, not on its name.
        ftruncate(descriptor, 0)
        _ = data.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
