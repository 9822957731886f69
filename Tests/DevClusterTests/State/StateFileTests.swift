import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import StateFiles
@testable import Vocabulary

/// The state folder belongs to its user alone, and nothing in it leads elsewhere.
struct StateFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a lock is no link, pipe or folder, and what a link leads to is left as it is`()
        async throws
    {
        let other = try folder.write("precious", to: "other")
        let lock = folder.file("lock")
        #expect(symlink(other, lock) == 0)
        let error = await #expect(throws: DevClusterError.self) {
            try await StateLock.take(lock, for: "devcluster up")
        }
        #expect(error?.message == "cannot use \(lock): it is a symbolic link")
        #expect(try folder.text("other") == "precious")
        // Nobody can say that it is free.
        #expect(StateLock.isTaken(lock))
        unlink(lock)
        #expect(mkfifo(lock, 0o600) == 0)
        #expect(throws: DevClusterError.self) { try StateLock.takeNow(lock, for: "x") }
        unlink(lock)
        #expect(!StateLock.isTaken(lock))
        #expect(mkdir(lock, 0o700) == 0)
        #expect(throws: DevClusterError.self) { try StateLock.takeNow(lock, for: "x") }
    }

    @Test func `a lock that others may write to, or that is another user's, is refused`() throws {
        let lock = try folder.write("", to: "lock", mode: 0o666)
        let open = #expect(throws: DevClusterError.self) { try StateLock.takeNow(lock, for: "x") }
        #expect(open?.message == "cannot use \(lock): other users may write to it")
        guard geteuid() == 0 else { return }
        #expect(chmod(lock, 0o600) == 0 && chown(lock, 12_345, 12_345) == 0)
        let foreign = #expect(throws: DevClusterError.self) {
            try StateLock.takeNow(lock, for: "x")
        }
        #expect(foreign?.message.hasSuffix("it belongs to user 12345, and this is user 0") == true)
    }

    @Test(arguments: [0o777, 0o770, 0o702, 0o1777])
    func `a state folder that others may write to is refused`(mode: Int) throws {
        let state = StateFolder(path: folder.path)
        #expect(try state.verified() == state)
        #expect(chmod(folder.path, mode_t(mode)) == 0)
        let error = #expect(throws: DevClusterError.self) { try state.verified() }
        #expect(
            error?.message
                == "the state folder \(folder.path) is not used: other users may write to it")
        #expect(error?.hint?.hasPrefix("chmod go-w '\(folder.path)'") == true)
    }

    @Test func `a state folder of another user, and a file in its place, are refused`() throws {
        let file = try folder.write("", to: "file")
        #expect(throws: DevClusterError.self) { try StateFolder(path: file).verified() }
        #expect(try StateFolder(path: folder.file("none")).verified().path.hasSuffix("/none"))
        guard geteuid() == 0 else { return }
        #expect(chown(folder.path, 12_345, 12_345) == 0)
        let error = #expect(throws: DevClusterError.self) {
            try StateFolder(path: folder.path).verified()
        }
        #expect(error?.message.contains("it belongs to user 12345") == true)
        #expect(error?.hint == "set DEVCLUSTER_STATE to a folder of your own")
    }

    @Test(arguments: ["home", "state/clusters/podman-x", "state/contexts/x", "clusters"])
    func `a supervisor makes nothing in a folder that holds no forwards`(place: String) throws {
        let path = folder.file(place)
        #expect(throws: DevClusterError.self) {
            try ForwardSupervisor.run(folder: path, environment: [:])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        // Nor in one that holds some by mistake.
        try ForwardSpecs(context: "x").write(folder.file("mine"))
        #expect(throws: DevClusterError.self) {
            try ForwardSupervisor.run(folder: folder.file("mine"), environment: [:])
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.file("mine"))
                == ["forwards.json"])
    }
}
