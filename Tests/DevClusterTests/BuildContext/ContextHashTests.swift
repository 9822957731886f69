import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Vocabulary

struct ContextHashTests {
    private let folder: TemporaryFolder
    private let files = FileDigests()

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("FROM scratch\nCOPY src /src\n", to: "Containerfile")
        try folder.write("one", to: "src/main.txt")
        try folder.write("deep", to: "src/lib/a.txt")
        try folder.write("no input", to: "notes.txt")
    }

    private func digest(
        target: String? = nil, arguments: [String: String] = [:], engine: EngineName = .podman,
        limits: ContextWalk.Limits = ContextWalk.Limits()
    ) async throws -> String {
        let hash = ContextHash(
            context: folder.path, containerfile: folder.file("Containerfile"), target: target,
            arguments: arguments, engine: engine, limits: limits)
        return try await hash.digest(try hash.plan(), files: files)
    }

    /// Whether something done to the files gives another digest.
    private func changes(_ change: () throws -> Void) async throws -> Bool {
        let before = try await digest()
        try change()
        return try await digest() != before
    }

    private func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: folder.file(name))
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file(name), withDestinationPath: target)
    }

    @Test func `the same files give the same digest, whenever they were written`() async throws {
        let first = try await digest()
        #expect(first.count == 64)
        try folder.write("one", to: "src/main.txt")
        #expect(try await digest() == first)
        #expect(try await ContextHashTests().digest() == first)
    }

    @Test func `content, name, kind and the right to run of what is taken in count`()
        async throws
    {
        #expect(try await changes { try folder.write("two", to: "src/main.txt") })
        #expect(try await changes { try folder.write("two", to: "src/main.txt", mode: 0o755) })
        #expect(try await changes { try folder.write("", to: "src/new") })
        #expect(try await changes { try remove("src/new") })
        #expect(
            try await changes {
                try FileManager.default.moveItem(
                    atPath: folder.file("src/main.txt"), toPath: folder.file("src/main2.txt"))
            })
        #expect(try await changes { try link("src/link", to: "main2.txt") })
        #expect(
            try await changes {
                try remove("src/link")
                try link("src/link", to: "lib")
            })
    }

    @Test(arguments: ["src/main.txt", "src/lib"])
    func `the permissions of files and folders count, since the image keeps them`(_ name: String)
        async throws
    {
        chmod(folder.file(name), 0o755)
        for mode in [0o750, 0o700, 0o4700, 0o1777] as [mode_t] {
            #expect(try await changes { chmod(folder.file(name), mode) }, "\(mode)")
        }
        #expect(!(try await changes { chmod(folder.file(name), 0o1777) }))
    }

    @Test func `what no instruction copies does not count`() async throws {
        #expect(!(try await changes { try folder.write("other", to: "notes.txt") }))
        #expect(!(try await changes { try remove("notes.txt") }))
    }

    @Test func `the Containerfile, target and build arguments count`() async throws {
        let first = try await digest()
        #expect(try await digest(arguments: ["A": "1"]) != first)
        #expect(try await digest(arguments: ["A": "2"]) != digest(arguments: ["A": "1"]))
        #expect(try await digest(target: "0") != first)
        #expect(
            try await changes {
                try folder.write("FROM scratch\nCOPY src /to\n", to: "Containerfile")
            })
    }

    @Test func `what an ignore file leaves out does not count`() async throws {
        try folder.write("src/lib\n!src/lib/keep*\n", to: ".dockerignore")
        #expect(!(try await changes { try folder.write("changed", to: "src/lib/a.txt") }))
        #expect(try await changes { try folder.write("new", to: "src/lib/keep.txt") })
        #expect(try await changes { try folder.write("changed", to: "src/main.txt") })
    }

    @Test func `podman's ignore file stands before docker's, the Containerfile's own before both`()
        async throws
    {
        try folder.write("src/main.txt", to: ".dockerignore")
        try folder.write("src/lib", to: ".containerignore")
        #expect(try await changes { try folder.write("2", to: "src/main.txt") })
        #expect(!(try await changes { try folder.write("2", to: "src/lib/a.txt") }))
        let docker = try await digest(engine: .docker)
        try folder.write("3", to: "src/main.txt")
        #expect(try await digest(engine: .docker) == docker)
        try folder.write("src/main.txt", to: "Containerfile.dockerignore")
        #expect(!(try await changes { try folder.write("4", to: "src/main.txt") }))
    }

    @Test func `a link that is copied stands for what it leads to`() async throws {
        try folder.write("real", to: "real/file")
        try link("linked", to: "real")
        try folder.write("FROM scratch\nCOPY linked /to\n", to: "Containerfile")
        #expect(try await changes { try folder.write("changed", to: "real/file") })
        try folder.write("FROM scratch\nCOPY linked/file /to\n", to: "Containerfile")
        #expect(try await changes { try folder.write("again", to: "real/file") })
    }

    @Test func `a link out of the context, or a Containerfile that is gone, gives no digest`()
        async throws
    {
        try link("out", to: "/etc")
        try folder.write("FROM scratch\nCOPY out /to\n", to: "Containerfile")
        await #expect(throws: DevClusterError.self) { try await digest() }
        try remove("Containerfile")
        await #expect(throws: DevClusterError.self) { try await digest() }
    }

    @Test func `too many files or too large ones are given up`() async throws {
        await #expect(throws: DevClusterError.self) {
            try await digest(limits: ContextWalk.Limits(entries: 3))
        }
        await #expect(throws: DevClusterError.self) {
            try await digest(limits: ContextWalk.Limits(bytes: 6))
        }
        await #expect(throws: DevClusterError.self) {
            try await digest(limits: ContextWalk.Limits(looks: 2))
        }
        _ = try await digest(limits: ContextWalk.Limits(entries: 4, bytes: 7))
    }

    @Test func `a pipe is not opened`() async throws {
        mkfifo(folder.file("src/pipe"), 0o600)
        #expect(try await digest().count == 64)
    }

    @Test func `a file that changes back and forth is read each time`() async throws {
        let first = try await digest()
        try folder.write("two", to: "src/main.txt")
        #expect(try await digest() != first)
        try folder.write("one", to: "src/main.txt")
        #expect(try await digest() == first)
    }
}
