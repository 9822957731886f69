#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A bounded list of what was done, a JSON line each, newest last: `records.jsonl`.
struct RecordLog<Record: Codable & Sendable>: Sendable {
    private struct Line: Codable {
        var version: Int
        var record: Record
    }

    let path: String
    /// Lines that are kept.
    static var limit: Int { 500 }

    /// All records that can be read, oldest first; a damaged line is left out.
    func records() -> [Record] {
        lines().compactMap { try? JSONDecoder.state.decode(Line.self, from: $0).record }
    }

    /// Adds records, dropping the oldest beyond the limit; lines of newer versions are kept.
    func append(_ records: [Record]) async throws {
        guard !records.isEmpty else { return }
        let lock = try await StateLock.take(
            path + ".lock", for: "writing a record", wait: .seconds(10))
        defer { withExtendedLifetime(lock) {} }
        let new = try records.map {
            try JSONEncoder.state.encode(Line(version: stateFileVersion, record: $0))
        }
        let kept = (lines() + new).suffix(Self.limit)
        try AtomicFile.write(Data(kept.joined(separator: [10])) + [10], to: path)
    }

    private func lines() -> [Data] {
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return data.split(separator: 10).map { Data($0) }
    }
}

/// A build that was pushed, as the records keep it.
struct BuildRecord: Codable, Sendable, Equatable {
    /// When it was pushed.
    var time: Date
    /// What was built.
    var image: BuiltImage
    /// The commit it was built from; nil outside git.
    var commit: String?
    /// Whether the working tree differed from the commit.
    var isDirty: Bool
}
