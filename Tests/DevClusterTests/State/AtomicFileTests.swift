import Foundation
import TestSupport
import Testing

@testable import StateFiles
@testable import Vocabulary

struct AtomicFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue
    }

    @Test func `files are for their owner only, and so are new folders`() throws {
        try AtomicFile.write(Data("x".utf8), to: folder.file("a/b/c.json"))
        #expect(try mode(folder.file("a/b/c.json")) == 0o600)
        #expect(try mode(folder.file("a/b")) == 0o700)
        #expect(try mode(folder.file("a")) == 0o700)
    }

    @Test func `content is replaced as a whole, and nothing is left beside it`() throws {
        let path = folder.file("file")
        try AtomicFile.write(Data(repeating: 1, count: 100_000), to: path)
        let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber]
        try AtomicFile.write(Data("new".utf8), to: path)
        let after = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber]
        #expect(try folder.text("file") == "new")
        // Another file took its name: a reader of the old one sees all of the old one.
        #expect((before as? NSNumber) != (after as? NSNumber))
        #expect(try folder.names() == ["file"])
    }

    @Test func `empty content makes an empty file`() throws {
        try AtomicFile.write(Data(), to: folder.file("empty"))
        #expect(try folder.text("empty").isEmpty)
    }

    @Test func `a file where a folder has to be is an error that names the path`() throws {
        try folder.write("", to: "file")
        let path = folder.file("file/state.json")
        let error = #expect(throws: DevClusterError.self) {
            try AtomicFile.write(Data(), to: path)
        }
        #expect(error?.message.contains(path) == true)
        #expect(error?.message.contains("Not a directory") == true)
        #expect(error?.hint?.contains("DEVCLUSTER_STATE") == true)
    }

    @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
    func `a folder that may not be written is an error that says so`() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("locked"), withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o500])
        let error = #expect(throws: DevClusterError.self) {
            try AtomicFile.write(Data(), to: folder.file("locked/a"))
        }
        #expect(error?.message.contains("Permission denied") == true)
    }

    @Test func `a name that is a folder is an error, and the temporary file goes`() throws {
        try folder.write("x", to: "name/inside")
        #expect(throws: DevClusterError.self) {
            try AtomicFile.write(Data(), to: folder.file("name"))
        }
        #expect(try folder.names() == ["name"])
    }
}

struct StoredFileTests {
    private struct Sample: Codable, Sendable, Equatable {
        var name: String
        var at: Date
    }

    private let folder: TemporaryFolder
    private let file: StoredFile<Sample>
    private let sample = Sample(name: "a/b", at: Date(timeIntervalSince1970: 1_767_323_045.678))

    init() throws {
        folder = try TemporaryFolder()
        file = StoredFile(path: folder.file("x.json"))
    }

    @Test func `what was written is read, with its version in the file`() throws {
        try file.write(sample)
        #expect(try file.read()?.name == "a/b")
        #expect(
            try folder.text("x.json")
                == #"{"content":{"at":"2026-01-02T03:04:05.678Z","name":"a/b"},"version":1}"#)
    }

    @Test func `a missing file is nil, and removing it is no error`() throws {
        #expect(try file.read() == nil)
        file.remove()
    }

    @Test(arguments: ["", "{", #"{"version":1}"#, #"{"version":1,"content":{"name":1}}"#, "\u{0}"])
    func `a damaged file is as good as none, and can be replaced`(text: String) throws {
        try folder.write(text, to: "x.json")
        #expect(try file.read() == nil)
        try file.write(sample)
        #expect(try file.read()?.name == "a/b")
    }

    @Test func `a time that is read and written again stays the same`() throws {
        for milliseconds in stride(from: 0, to: 1000, by: 7) {
            let time = Date(timeIntervalSince1970: 1_767_323_045 + Double(milliseconds) / 1000)
            try file.write(Sample(name: "", at: time))
            let text = try folder.text("x.json")
            try file.write(try #require(try file.read()))
            #expect(try folder.text("x.json") == text)
        }
    }

    @Test func `a newer file is read as far as it can be, and never overwritten`() throws {
        let text =
            #"{"version":2,"new":1,"content":{"name":"n","at":"2026-01-02T03:04:05Z","more":[]}}"#
        try folder.write(text, to: "x.json")
        #expect(try file.read()?.name == "n")
        let error = #expect(throws: DevClusterError.self) { try file.write(sample) }
        #expect(error?.message.contains("newer devcluster") == true)
        #expect(try folder.text("x.json") == text)
    }

    @Test(arguments: ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678Z"])
    func `times are read with and without a fraction`(text: String) throws {
        let time = try #require(Date(timestamp: text))
        #expect(abs(time.timeIntervalSince1970 - 1_767_323_045) < 1)
    }

    @Test(arguments: ["2026-11-21T12:01:12.123456Z", "2026-11-21T12:01:12.123456789Z"])
    func `the micro- and nanoseconds of Kubernetes and podman are read`(text: String) throws {
        #expect(Date(timestamp: text) != nil)
    }

    @Test func `what is no time is nil`() {
        #expect(Date(timestamp: "yesterday") == nil)
    }
}
