import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Settings
@testable import Vocabulary

/// Contexts that hold what no project has, or not for long.
struct HostileContextTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("FROM scratch\nCOPY . /\n", to: "Containerfile")
    }

    private func digest(_ files: FileDigests = FileDigests()) async throws -> String {
        let hash = ContextHash(
            context: folder.path, containerfile: folder.file("Containerfile"), target: nil,
            arguments: [:], engine: .podman)
        return try await hash.digest(try hash.plan(), files: files)
    }

    private func problem() async -> String {
        let error = await #expect(throws: DevClusterError.self) { try await digest() }
        return error?.message ?? ""
    }

    @Test func `a file of 20 GB that takes no place is not read, and what is too much is said`()
        async throws
    {
        try folder.write("", to: "huge")
        #expect(truncate(folder.file("huge"), 20 << 30) == 0)
        #expect(await problem().hasSuffix("has more than 512 MB"))
    }

    @Test func `of a file that grows while it is read only what was there is read`() async throws {
        let files = FileDigests()
        try folder.write("line\n", to: "log")
        let first = try files.digest(of: folder.file("log"), size: 5)
        try folder.write("line\nmore\n", to: "log")
        #expect(try files.digest(of: folder.file("log"), size: 5) == first)
        // And that is not remembered for the whole of it.
        #expect(try files.digest(of: folder.file("log"), size: 10) != first)
    }

    @Test func `reading a large file is given up when it is cancelled`() async throws {
        try folder.write("", to: "large")
        #expect(truncate(folder.file("large"), 1 << 40) == 0)
        let path = folder.file("large")
        let reading = Task { try FileDigests().digest(of: path, size: 1 << 40) }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test func `pipes and sockets count as being there, and are not opened`() async throws {
        let before = try await digest()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(mknod(folder.file("socket"), S_IFSOCK | 0o600, 0) == 0)
        #expect(try await digest() != before)
    }

    @Test func `links that go round lead nowhere`() async throws {
        try folder.write("FROM scratch\nCOPY a b self /\n", to: "Containerfile")
        for (name, target) in [("a", "b"), ("b", "a"), ("self", "self")] {
            #expect(symlink(target, folder.file(name)) == 0)
        }
        #expect(try await digest().count == 64)
    }

    @Test func `as many links as files cost no more than their number`() async throws {
        try folder.write("FROM scratch\nCOPY l* /\n", to: "Containerfile")
        try folder.write("", to: "real/file")
        for index in 0..<1500 { #expect(symlink("real", folder.file("l\(index)")) == 0) }
        var walk = try ContextWalk(
            context: folder.path, sources: [PathPattern("l*")], ignored: IgnoreRules(""))
        let found = try await walk.run()
        // What they lead to is there too.
        #expect(found.contains { $0.path == "real/file" })
        #expect(found.count == 1502)
    }

    @Test func `long ways of many links are no longer followed where that costs too much`() throws {
        let target = String(repeating: "d/../", count: 700) + "d"
        try folder.write("", to: "d/file")
        for index in 0..<300 { #expect(symlink(target, folder.file("l\(index)")) == 0) }
        var links = ContextLinks(
            root: folder.path, sources: [PathPattern("l*")], ignored: IgnoreRules(""))
        let time = processorTime { _ = links.find() }
        #expect(time < .seconds(20))
    }

    @Test func `a name that is no text is named as that`() async throws {
        let path = folder.file("").utf8.map { CChar(bitPattern: $0) } + [-1, -2, 0]
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(file >= 0)
        close(file)
        #expect(await problem().hasSuffix("its name is not UTF-8"))
    }

    @Test func `a name that a terminal obeys is shown as text`() async throws {
        try folder.write("", to: "a\n\u{1B}[31mred")
        #expect(try await digest().count == 64)
        #expect(symlink("/", folder.file("b\n\u{1B}[31mred")) == 0)
        try folder.write("FROM scratch\nCOPY b* /\n", to: "Containerfile")
        let message = await problem()
        #expect(message.contains("leads out of the context"))
        #expect(!message.unicodeScalars.contains { $0.value < 0x20 }, "\(message)")
    }

    @Test(.enabled(if: geteuid() != 0, "nothing is unreadable for root"))
    func `a folder that cannot be read is named`() async throws {
        try folder.write("", to: "secret/x")
        #expect(chmod(folder.file("secret"), 0) == 0)
        defer { chmod(folder.file("secret"), 0o700) }
        #expect(await problem().contains("/secret: permission denied"))
    }
}
