import Foundation
import TestSupport
import Testing

@testable import ChildProcess

struct SpawnPipedTests {
    private let environment = ["PATH": "/usr/bin:/bin"]

    private func readToEnd(_ child: PipedChild) async throws -> String {
        var bytes: [UInt8] = []
        let end = ContinuousClock.now + .seconds(300)
        while !child.hasEnded {
            bytes += child.read()
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(5))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `both streams come through one pipe, and its end is the child's`() async throws {
        let child = try spawnPiped(
            "sh", ["-c", "echo out; echo err >&2"], environment: environment)
        #expect(try await readToEnd(child) == "out\nerr\n")
        #expect(child.descriptors.isEmpty)
    }

    @Test func `reading does not wait`() async throws {
        let child = try spawnPiped("sleep", ["60"], environment: environment)
        #expect(child.read().isEmpty)
        #expect(!child.hasEnded)
        child.kill()
        #expect(child.hasEnded)
        while child.process.isAlive { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `a child that closes its output is ended, and does not stay a zombie`()
        async throws
    {
        let child = try spawnPiped(
            "sh", ["-c", "trap '' TERM; exec >&- 2>&-; sleep 600"], environment: environment)
        #expect(try await readToEnd(child) == "")
        #expect(await eventually { ProcessTable.entry(child.process.pid) == nil })
    }

    @Test func `a child has ended although what it started holds its output open`() async throws {
        let child = try spawnPiped(
            "sh", ["-c", "sleep 600 & echo $!"], environment: environment)
        let pid = try #require(Int32(try await readToEnd(child).dropLast()))
        let left = try #require(ProcessIdentity(pid: pid))
        // A browser that a login plugin opened is no business of ours.
        #expect(left.isAlive)
        left.send(SIGKILL)
    }

    @Test func `a child that nobody has any more is ended`() async throws {
        var child: PipedChild? = try spawnPiped("sleep", ["600"], environment: environment)
        let process = try #require(child?.process)
        child = nil
        #expect(await eventually { ProcessTable.entry(process.pid) == nil })
    }

    @Test func `of a child that prints without end a part is read at a time`() async throws {
        let child = try spawnPiped("yes", [], environment: environment)
        var most = 0
        for _ in 0..<20 { most = max(most, child.read().count) }
        #expect(most <= PipedChild.readLimit)
        child.kill()
    }

    @Test func `the child has just the environment that was given`() async throws {
        let child = try spawnPiped(
            "env", [], environment: ["PATH": "/usr/bin:/bin", "MARK": "x"])
        let lines = Set(try await readToEnd(child).split(separator: "\n").map(String.init))
        #expect(lines == ["PATH=/usr/bin:/bin", "MARK=x"])
    }

    @Test func `a tool that is not there says so`() {
        #expect(throws: InvocationError.self) {
            try spawnPiped("devcluster-none", [], environment: environment)
        }
    }

    @Test func `our own executable can be started`() {
        #expect(FileManager.default.isExecutableFile(atPath: currentExecutable))
    }
}
