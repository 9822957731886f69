import Foundation
import TestSupport
import Testing

@testable import DevCluster

struct RecordLogTests {
    private let folder: TemporaryFolder
    private let log: RecordLog<String>

    init() throws {
        folder = try TemporaryFolder()
        log = RecordLog(path: folder.file("records.jsonl"))
    }

    @Test func `records come in the order in which they were added`() async throws {
        try await log.append(["a"])
        try await log.append(["b", "c"])
        #expect(log.records() == ["a", "b", "c"])
        #expect(try folder.text("records.jsonl").split(separator: "\n").count == 3)
    }

    @Test func `nothing to add writes nothing`() async throws {
        try await log.append([])
        #expect(try folder.names().isEmpty)
    }

    @Test func `a damaged line hides no other, and lines of newer versions are kept`() async throws
    {
        try folder.write(
            "{\"record\":\"a\",\"version\":1}\n{\"reco\n{\"version\":2,\"record\":{\"x\":1}}\n",
            to: "records.jsonl")
        #expect(log.records() == ["a"])
        try await log.append(["b"])
        #expect(log.records() == ["a", "b"])
        #expect(try folder.text("records.jsonl").contains("{\"version\":2,\"record\":{\"x\":1}}\n"))
    }

    @Test func `only the newest 500 are kept`() async throws {
        try await log.append((0..<499).map(String.init))
        try await log.append(["x", "y"])
        let records = log.records()
        #expect(records.count == 500)
        #expect(records.first == "1")
        #expect(records.last == "y")
    }
}
