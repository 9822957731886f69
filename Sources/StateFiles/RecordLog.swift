import SystemLibraries

/// What the lines of `records.jsonl` are about.
package enum RecordKind: String, Sendable {
    case build
    case deploy

    /// How many lines of it are kept.
    var limit: Int { self == .deploy ? 200 : 500 }
}

/// What a line of `records.jsonl` can hold.
package protocol LoggedRecord: Codable, Sendable {
    /// The line's `kind`, by which its lines are told from others.
    static var kind: RecordKind { get }
    /// When it was made.
    var time: Date { get }
}

/// A bounded list of what was done, a JSON line each, newest last: `records.jsonl`.
///
/// Each kind has a bound of its own, so that deploys cannot push out builds.
package struct RecordLog: Sendable {
    private struct Line<Record: Codable>: Codable {
        var version: Int
        var kind: String?
        var record: Record
    }

    /// As much of a line of any kind and version as decides whether it is kept.
    private struct Outline: Decodable {
        struct Content: Decodable {
            var image: Image?
        }
        struct Image: Decodable {
            var name: String?
        }
        var kind: String?
        var record: Content?
    }

    private struct OnlyKind: Decodable {
        var kind: String?
    }

    let path: String

    package init(path: String) {
        self.path = path
    }

    /// Lines of one kind that are kept, also of one of a newer version.
    private static func limit(ofKind kind: String) -> Int {
        RecordKind(rawValue: kind)?.limit ?? RecordKind.build.limit
    }

    /// All records of a kind that can be read, oldest first; a damaged line is left out.
    ///
    /// - Throws: `DevClusterError` when the file cannot be read.
    package func records<Record: LoggedRecord>(_ type: Record.Type = Record.self) throws -> [Record]
    {
        try lines().compactMap { RecordLog.record(in: $0) }
    }

    /// The newest record of a kind that meets the condition; reads no further than that.
    ///
    /// - Throws: `DevClusterError` when the file cannot be read.
    package func newest<Record: LoggedRecord>(where condition: (Record) -> Bool) throws -> Record? {
        for line in try lines().reversed() {
            if let record: Record = RecordLog.record(in: line), condition(record) { return record }
        }
        return nil
    }

    /// Adds records, dropping the oldest of a kind beyond its limit, but never the newest build
    /// of an image. Lines of newer versions are kept as they are.
    package func append(_ records: [some LoggedRecord]) async throws {
        guard !records.isEmpty else { return }
        let lock = try await StateLock.take(
            path + ".lock", for: "writing a record", wait: .seconds(10))
        defer { withExtendedLifetime(lock) {} }
        let new = try records.map { record in
            try JSONEncoder.state.encode(
                Line(
                    version: stateFileVersion, kind: type(of: record).kind.rawValue, record: record)
            )
        }
        let kept = RecordLog.bounded(try lines() + new)
        try AtomicFile.write(Data(kept.joined(separator: [10])) + [10], to: path)
    }

    /// A line without a kind is a build of an older version.
    private static let unnamed = RecordKind.build.rawValue

    private static func record<Record: LoggedRecord>(in line: Data) -> Record? {
        guard let read = try? JSONDecoder.state.decode(Line<Record>.self, from: line),
            (read.kind ?? unnamed) == Record.kind.rawValue
        else { return nil }
        return read.record
    }

    private static func bounded(_ lines: [Data]) -> [Data] {
        guard lines.count > RecordKind.deploy.limit else { return lines }
        var counts: [String: Int] = [:]
        var seen: Set<String> = []
        let kept = lines.reversed().filter { line in
            let (kind, image) = subject(of: line)
            counts[kind, default: 0] += 1
            let isNewestOfImage = image.map { seen.insert($0).inserted } ?? false
            return isNewestOfImage || counts[kind, default: 0] <= limit(ofKind: kind)
        }
        return kept.reversed()
    }

    /// A line's kind, and the image it is a build of.
    private static func subject(of line: Data) -> (kind: String, image: String?) {
        if let outline = try? JSONDecoder().decode(Outline.self, from: line) {
            let kind = outline.kind ?? unnamed
            return (kind, kind == RecordKind.build.rawValue ? outline.record?.image?.name : nil)
        }
        // A record of another shape, or a damaged line.
        return ((try? JSONDecoder().decode(OnlyKind.self, from: line))?.kind ?? "", nil)
    }

    /// Lines that are read, the last of them: far more than are kept.
    private static let mostLines = 10_000

    private func lines() throws -> [Data] {
        let data = try WholeFile.read(path) ?? Data()
        return data.split(separator: 10).suffix(RecordLog.mostLines).map { Data($0) }
    }
}

extension StateFolder {
    /// The file with the records of a cluster, given its folder.
    package static func records(ofPlace folder: String) -> String { "\(folder)/records.jsonl" }
}
