import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Vocabulary

struct RecordLogTests {
    private let folder: TemporaryFolder
    private let log: RecordLog

    init() throws {
        folder = try TemporaryFolder()
        log = RecordLog(path: folder.file("records.jsonl"))
    }

    private func build(_ tag: String, of name: String = "web") -> BuildRecord {
        .sample(name: name, tag: tag)
    }

    private func deploy(_ namespace: String) -> DeployRecord {
        DeployRecord(
            time: Date(timeIntervalSince1970: 1_767_323_045), seconds: 1, namespace: namespace,
            images: [],
            verdicts: ["match": 1], exitCode: 0, error: nil, steps: [])
    }

    private var tags: [String] {
        get throws { try log.records(BuildRecord.self).map(\.image.tag) }
    }

    @Test func `of a file with millions of lines only the last are read`() throws {
        let short = String(repeating: "{\"kind\":\"deploy\"}\n", count: 1_000_000)
        try folder.write(short, to: "records.jsonl")
        let start = ContinuousClock.now
        #expect(try log.records(DeployRecord.self) == [])
        #expect(start.duration(to: .now) < .seconds(30))
    }

    @Test func `records come in the order in which they were added, each kind for itself`()
        async throws
    {
        try await log.append([build("a")])
        try await log.append([deploy("one")])
        try await log.append([build("b"), build("c")])
        #expect(try tags == ["a", "b", "c"])
        #expect(try log.records() == [deploy("one")])
        #expect(try folder.text("records.jsonl").split(separator: "\n").count == 4)
    }

    @Test func `nothing to add writes nothing`() async throws {
        try await log.append([BuildRecord]())
        #expect(try folder.names().isEmpty)
    }

    /// The first line is one that version 0.1.0 wrote.
    @Test func `a line without a kind is a build`() async throws {
        try folder.write(
            """
            {"record":{"image":{"buildSeconds":0.8,"digest":"sha256:\
            094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80","imageID":"sha256:\
            893242900d4bde0e562474a4c694eae0cf6903f2414a377cd5fa1ef2c1db4a94","isUnchanged":false,\
            "name":"web","pushSeconds":0.3,"reference":"localhost:5001/web:dev-0","tag":"dev-0"},\
            "isDirty":true,"time":"2026-11-21T12:20:12.700Z"},"version":1}

            """, to: "records.jsonl")
        try await log.append([build("b")])
        #expect(try tags == ["dev-0", "b"])
        #expect(try log.records(DeployRecord.self).isEmpty)
    }

    @Test func `a damaged line hides no other, and lines of newer versions are kept`() async throws
    {
        try await log.append([build("a")])
        let known = try folder.text("records.jsonl")
        let newer = "{\"version\":2,\"kind\":\"plan\",\"record\":[1]}\n"
        try folder.write(known + "{\"reco\n" + newer, to: "records.jsonl")
        #expect(try tags == ["a"])
        try await log.append([build("b")])
        #expect(try tags == ["a", "b"])
        #expect(try folder.text("records.jsonl").contains(newer))
    }

    @Test func `a newer line of a known kind is read as far as it is known`() async throws {
        try await log.append([build("a")])
        let line = try folder.text("records.jsonl")
            .replacing("\"version\":1", with: "\"version\":2")
            .replacing("\"isDirty\"", with: "\"isNew\":[1],\"isDirty\"")
        try folder.write(line, to: "records.jsonl")
        #expect(try tags == ["a"])
    }

    @Test func `deploys never push out builds, nor builds deploys`() async throws {
        try await log.append([build("a")])
        try await log.append((0..<201).map { deploy("\($0)") })
        #expect(try tags == ["a"])
        #expect(try log.records(DeployRecord.self).map(\.namespace) == (1..<201).map(String.init))
        try await log.append((0..<600).map { build("\($0)") })
        #expect(try tags == (100..<600).map(String.init))
        #expect(try log.records(DeployRecord.self).count == 200)
    }

    @Test func `the newest build of every image survives any number of others`() async throws {
        try await log.append([build("old", of: "api"), build("new", of: "api")])
        try await log.append((0..<500).map { build("\($0)") })
        let api = try log.records(BuildRecord.self).filter { $0.image.name == "api" }
        #expect(api.map(\.image.tag) == ["new"])
        #expect(
            try log.newest { (record: BuildRecord) in record.image.name == "web" }?.image.tag
                == "499")
    }
}

extension BuildRecord {
    /// A build of an image as it may stand in the records.
    static func sample(
        name: String = "web", tag: String = "dev-1", imageID: String = "sha256:0",
        digest: Digest? = nil, time: Double = 1_767_323_045, commit: String? = nil,
        isUnchanged: Bool = false, inputs: BuildInputs? = nil
    ) -> BuildRecord {
        let image = BuiltImage(
            name: name, reference: "localhost:5051/\(name):\(tag)", tag: tag, imageID: imageID,
            digest: digest, buildSeconds: 1, pushSeconds: 1, isUnchanged: isUnchanged)
        return BuildRecord(
            time: Date(timeIntervalSince1970: time), image: image, commit: commit, isDirty: false,
            inputs: inputs)
    }
}
