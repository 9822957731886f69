import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import StateFiles
@testable import Vocabulary

struct StateLockTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("clusters/podman-a/lock") }

    init() throws { folder = try TemporaryFolder() }

    @Test func `a second taker is refused with the holder's command`() async throws {
        let lock = try await StateLock.take(path, for: "devcluster up --name a")
        let error = await #expect(throws: DevClusterError.self) {
            try await StateLock.take(path, for: "devcluster down")
        }
        #expect(
            error?.message
                == "'devcluster up --name a' (process \(ProcessIdentity.current.pid)) is working on"
                + " the same thing; it holds \(path)")
        #expect(error?.hint?.contains("--wait-lock") == true)
        withExtendedLifetime(lock) {}
    }

    @Test func `a lock let go can be taken`() async throws {
        do {
            let lock = try await StateLock.take(path, for: "one")
            withExtendedLifetime(lock) {}
        }
        let lock = try await StateLock.take(path, for: "two", wait: .seconds(10))
        withExtendedLifetime(lock) {}
        let holder = try #require(try StoredFile<StateLock.Holder>(path: path).read())
        #expect(holder.command == "two")
        #expect(holder.process == .current)
    }

    @Test func `a shorter command leaves nothing of a longer one`() async throws {
        do { _ = try await StateLock.take(path, for: String(repeating: "x", count: 500)) }
        _ = try await StateLock.take(path, for: "y", wait: .seconds(10))
        #expect(try StoredFile<StateLock.Holder>(path: path).read()?.command == "y")
    }

    @Test func `waiting gets the lock once it is free, and says for whom it waits`() async throws {
        let held = Mutex<StateLock?>(try await StateLock.take(path, for: "first"))
        var waitedFor: [String?] = []
        let lock = try await StateLock.take(path, for: "second", wait: .seconds(10)) { holder in
            waitedFor.append(holder?.command)
            held.withLock { $0 = nil }
        }
        withExtendedLifetime(lock) {}
        #expect(waitedFor == ["first"])
    }

    @Test func `waiting ends at its deadline`() async throws {
        let lock = try await StateLock.take(path, for: "first")
        let start = ContinuousClock.now
        await #expect(throws: DevClusterError.self) {
            try await StateLock.take(path, for: "second", wait: .milliseconds(50))
        }
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        withExtendedLifetime(lock) {}
    }

    @Test func `waiting can be cancelled`() async throws {
        let lock = try await StateLock.take(path, for: "first")
        let task = Task { [path] in
            try await StateLock.take(path, for: "second", wait: .seconds(60))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        withExtendedLifetime(lock) {}
    }

    @Test func `a file that tells no holder still locks`() async throws {
        let lock = try await StateLock.take(path, for: "first")
        try Data("damaged".utf8).write(to: URL(filePath: path))
        let error = await #expect(throws: DevClusterError.self) {
            try await StateLock.take(path, for: "second")
        }
        #expect(error?.message.hasPrefix("another process is working") == true)
        withExtendedLifetime(lock) {}
    }

    // flock(1) of util-linux holds the same kind of lock.
    @Test(.enabled(if: findExecutable("flock") != nil))
    func `the lock of a killed holder is free`() async throws {
        try AtomicFile.makeFolder(folder.file("clusters/podman-a"))
        // On a busy machine minutes can pass before it is looked at.
        let holder = try spawnDetached("flock", ["--no-fork", path, "sleep", "100000"])
        defer { holder.send(SIGKILL) }
        var isHeld = false
        while !isHeld {
            try await Task.sleep(for: .milliseconds(5))
            isHeld = (try? await StateLock.take(path, for: "probe")) == nil
        }
        holder.send(SIGKILL)
        let lock = try await StateLock.take(path, for: "next", wait: .seconds(10))
        withExtendedLifetime(lock) {}
    }

    @Test func `an unwritable place is an error that names it`() async throws {
        try folder.write("", to: "file")
        let error = await #expect(throws: DevClusterError.self) {
            try await StateLock.take(folder.file("file/lock"), for: "x")
        }
        #expect(error?.message.contains(folder.file("file")) == true)
    }

    @Test func `several share a lock, and nobody has it alone meanwhile`() async throws {
        var shared = [
            try await StateLock.take(path, for: "devcluster deploy", mode: .shared),
            try await StateLock.take(path, for: "devcluster build", mode: .shared),
        ]
        let error = await #expect(throws: DevClusterError.self) {
            try await StateLock.take(path, for: "devcluster registry prune")
        }
        #expect(error?.message.hasPrefix("'devcluster build'") == true)
        shared.removeAll()
        // A child that another test just starts has the shared ones for a moment.
        let alone = try await StateLock.take(
            path, for: "devcluster registry prune", wait: .seconds(10))
        await #expect(throws: DevClusterError.self) {
            try await StateLock.take(path, for: "devcluster build", mode: .shared)
        }
        withExtendedLifetime(alone) {}
    }

    @Test func `a lock tells that it had to be waited for`() async throws {
        let held = Mutex<StateLock?>(try await StateLock.take(path, for: "first"))
        let lock = try await StateLock.take(path, for: "second", wait: .seconds(10)) { _ in
            held.withLock { $0 = nil }
        }
        #expect(lock.hadToWait)
    }
}
