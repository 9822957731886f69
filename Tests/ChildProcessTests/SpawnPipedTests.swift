import Foundation
import TestSupport
import Testing

@testable import ChildProcess

struct SpawnPipedTests {
    private let environment = ["PATH": "/usr/bin:/bin"]

    private func readToEnd(_ child: PipedChild) async throws -> String {
        var bytes: [UInt8] = []
        let end = ContinuousClock.now + .seconds(60)
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
        #expect(child.descriptor == -1)
    }

    @Test func `reading does not wait`() async throws {
        let child = try spawnPiped("sleep", ["60"], environment: environment)
        #expect(child.read().isEmpty)
        #expect(!child.hasEnded)
        child.kill()
        #expect(child.hasEnded)
        while child.process.isAlive { try await Task.sleep(for: .milliseconds(5)) }
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
