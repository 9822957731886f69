import Foundation

@testable import Vocabulary

/// Changes JSON documents so that they stay JSON: what is malformed is refused before any of it
/// is looked at.
struct DocumentMutation: Sendable {
    private static let values: [JSONValue] = [
        .null, .bool(true), .bool(false), 0, -1, .integer(.max), .integer(.min), .unsigned(.max),
        .number(1e300), .number(-1e300), .number(0.5), "", "/", "//", "a/b/c", ":", "True", "9",
        "-9223372036854775808", "99999999999999999999", "sha256:", "\u{1B}[31m\r\n\0", "é\u{301}",
        "99999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", [], [:], [[], [:], .null],
    ]

    private let documents: [JSONValue]

    /// Takes those of the texts that are JSON.
    init(_ corpus: [Data]) {
        documents = corpus.compactMap { try? JSONValue(parsing: $0) }
    }

    /// A document of the corpus, changed in up to four places; nil when there is none.
    func text(_ random: inout FuzzRandom) -> Data? {
        guard var document = random.pick(documents) else { return nil }
        for _ in 0...random.below(4) { document = changed(document, &random) }
        return try? document.encoded()
    }

    /// The value with one change, somewhere in it.
    private func changed(_ value: JSONValue, _ random: inout FuzzRandom) -> JSONValue {
        let isHere = random.isOne(in: 12)
        switch value {
        case .object(var members) where !isHere && !members.isEmpty:
            let name = random.pick(members.keys.sorted()) ?? ""
            if random.isOne(in: 10) {
                members[name] = nil
            } else {
                members[name] = changed(members[name] ?? .null, &random)
            }
            return .object(members)
        case .array(var elements) where !isHere && !elements.isEmpty:
            let index = random.below(elements.count)
            if random.isOne(in: 10) {
                let copies = repeatElement(elements[index], count: random.below(50))
                elements.insert(contentsOf: copies, at: index)
            } else {
                elements[index] = changed(elements[index], &random)
            }
            return .array(elements)
        default: return random.pick(DocumentMutation.values) ?? .null
        }
    }
}
