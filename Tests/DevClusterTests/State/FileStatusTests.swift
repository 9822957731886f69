import Foundation
import TestSupport
import Testing

@testable import StateFiles

struct FileStatusTests {
    @Test func `a file, a folder and a link are told apart, and nothing is nothing`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("12345", to: "file")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: "file")
        #expect(FileStatus(file)?.kind == .file)
        #expect(FileStatus(file)?.size == 5)
        #expect(FileStatus(folder.path)?.kind == .folder)
        #expect(FileStatus(folder.file("link"))?.kind == .link)
        #expect(FileStatus(folder.file("none")) == nil)
        #expect(FileStatus("/dev/null")?.kind == .special)
    }

    @Test func `it knows when a file was changed, to a fraction of a second`() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("x", to: "file")
        let date = Date(timeIntervalSince1970: 1_000_000_000.5)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
        let modified = try #require(FileStatus(file)?.modified)
        #expect(abs(modified.timeIntervalSince(date)) < 0.001)
    }
}
