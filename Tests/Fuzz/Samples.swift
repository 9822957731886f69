import Foundation

@testable import Vocabulary

/// What tools printed, as the unit tests have it recorded.
enum Samples {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "DevClusterTests/Fixtures")

    /// The recordings whose names begin so.
    static func files(_ prefixes: String...) -> [Data] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().filter { name in prefixes.contains { name.hasPrefix($0) } }
            .compactMap { FileManager.default.contents(atPath: "\(folder.path)/\($0)") }
    }

    /// The same lists with one object each: whole ones are too long to be changed a million times.
    static func objects(_ prefixes: String...) -> [Data] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let lists = names.sorted().filter { name in prefixes.contains { name.hasPrefix($0) } }
            .compactMap { FileManager.default.contents(atPath: "\(folder.path)/\($0)") }
        return lists.flatMap { data -> [Data] in
            let items = (try? JSONValue(parsing: data))?["items"]?.array ?? []
            return items.compactMap { item in
                try? JSONValue.object(["items": .array([item])]).encoded()
            }.filter { $0.count < 6000 }
        }
    }

    /// Texts as data.
    static func texts(_ texts: [String]) -> [Data] { texts.map { Data($0.utf8) } }
}

extension Data {
    /// The bytes as text, wrong ones replaced.
    var text: String { String(decoding: self, as: UTF8.self) }
}
