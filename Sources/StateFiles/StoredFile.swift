import SystemLibraries
import Vocabulary

/// The version of every file in the state folder that this binary writes.
let stateFileVersion = 1

/// A JSON file of the state folder, with its version.
package struct StoredFile<Content: Codable & Sendable>: Sendable {
    private struct Versioned: Codable {
        var version: Int
        var content: Content
    }

    private struct VersionOnly: Decodable {
        var version: Int
    }

    /// Absolute path of the file.
    package let path: String

    /// The file at this path; it need not exist.
    package init(path: String) {
        self.path = path
    }

    /// The content, or nil when there is no file or it is damaged.
    ///
    /// Damage is treated as absence: every fact kept here can be found again from the engine
    /// or the cluster, and a truncated file must not stop the repair.
    /// - Throws: `DevClusterError` when the file cannot be read, which says nothing of its content.
    package func read() throws(DevClusterError) -> Content? {
        guard let data = try WholeFile.read(path) else { return nil }
        return try? JSONDecoder.state.decode(Versioned.self, from: data).content
    }

    /// Replaces the content.
    ///
    /// - Parameter survivesPowerLoss: false is quicker, for what a reboot makes void.
    /// - Throws: `DevClusterError` when a newer binary wrote the file, or it cannot be read or written.
    package func write(_ content: Content, survivesPowerLoss: Bool = true) throws {
        if let data = try WholeFile.read(path),
            let there = try? JSONDecoder().decode(VersionOnly.self, from: data),
            there.version > stateFileVersion
        {
            throw DevClusterError(
                .failed, "\(path) was written by a newer devcluster",
                hint: "use that version, or set DEVCLUSTER_STATE to another folder")
        }
        let versioned = Versioned(version: stateFileVersion, content: content)
        try AtomicFile.write(
            try JSONEncoder.state.encode(versioned), to: path,
            survivesPowerLoss: survivesPowerLoss)
    }

    /// Removes the file; one that is not there is no error.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension JSONEncoder {
    /// Writes times as ISO 8601 and keys in a stable order.
    public static var state: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.timestamp)
        }
        return encoder
    }
}

extension JSONDecoder {
    /// Reads what `JSONEncoder.state` wrote.
    static var state: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            if let date = Date(timestamp: text) { return date }
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not an ISO 8601 time: \(text)")
        }
        return decoder
    }
}

extension Date {
    /// ISO 8601 in UTC, to the nearest millisecond.
    ///
    /// The style itself cuts off: a time that was read would lose one each time it is written.
    package var timestamp: String { addingTimeInterval(0.0005).formatted(.devcluster) }

    /// A time as Kubernetes, podman or this tool writes it, with or without a fraction.
    ///
    /// Nil for anything else, also for a time that is not in the years 1 to 9999: differences of
    /// what is left can be counted.
    package init?(timestamp text: String) {
        guard text.utf8.count <= 64, Date.endsAsATime(text),
            let date = (try? Date(text, strategy: .iso8601))
                ?? (try? Date(text, strategy: .devcluster)),
            (-62_135_596_800..<253_402_300_800).contains(date.timeIntervalSince1970)
        else { return nil }
        self = date
    }

    /// Whether nothing follows the time: the library passes over what does.
    private static func endsAsATime(_ text: String) -> Bool {
        let rest = text.utf8.dropFirst("2026-01-02T03:04:05".utf8.count)
        let zone = rest.drop { ".0123456789".utf8.contains($0) }
        guard rest.count - zone.count <= ".123456789".utf8.count else { return false }
        if zone.elementsEqual("Z".utf8) || zone.elementsEqual("z".utf8) { return true }
        guard let sign = zone.first, "+-".utf8.contains(sign) else { return false }
        return (4...5).contains(zone.count - 1)
            && zone.dropFirst().allSatisfy { ":0123456789".utf8.contains($0) }
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    /// ISO 8601 in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
    static var devcluster: Date.ISO8601FormatStyle {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    }
}

extension ParseStrategy where Self == Date.ISO8601FormatStyle {
    static var devcluster: Date.ISO8601FormatStyle {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    }
}
