import Foundation
import Testing

@testable import Tools
@testable import Vocabulary

/// Types are read from documents as JSONDecoder reads them.
struct JSONValueDecoderTests {
    private struct Sample: Codable, Equatable {
        enum Kind: String, Codable { case one, two }
        struct Part: Codable, Equatable {
            var name: String
            var sizes: [Int8]?
        }
        var text: String
        var flag: Bool
        var number: Double
        var byte: UInt8
        var whole: Int64
        var large: UInt64?
        var kind: Kind?
        var parts: [Part]
        var byName: [String: Part]
        var bounded: BoundedInteger?
        var any: JSONValue?
        var nested: [[Int?]]
    }

    private static let whole = #"""
        {"text": "a\u0000é", "flag": true, "number": 1.5, "byte": 255, "whole": -9223372036854775808,
         "large": 18446744073709551615, "kind": "two", "parts": [{"name": "x", "sizes": [-128, 1]},
         {"name": ""}], "byName": {"é": {"name": "y", "sizes": null}}, "bounded": 1e300,
         "any": {"a": [1, null, 2.5]}, "nested": [[1, null], []]}
        """#

    @Test func `a whole document gives the same`() throws {
        let data = Data(Self.whole.utf8)
        let sample: Sample = try JSONValue(parsing: data).decoded()
        #expect(try sample == JSONDecoder().decode(Sample.self, from: data))
        #expect(sample.large == .max)
    }

    @Test(arguments: [
        ("\"flag\": true", "\"flag\": 1"), ("255", "256"), ("255", "-1"), ("255", "1.5"),
        ("255", "\"1\""), ("\"two\"", "\"three\""), ("[-128, 1]", "[-129]"), ("[-128, 1]", "{}"),
        ("{\"name\": \"\"}", "{}"), ("{\"name\": \"\"}", "null"), ("\"text\"", "\"txet\""),
        ("\"a\\u0000é\"", "null"), ("[[1, null], []]", "[[1, {}]]"), ("[[1, null], []]", "[1]"),
    ]) func `what JSONDecoder refuses is refused, at the same place`(change: (String, String))
        throws
    {
        let data = Data(Self.whole.replacing(change.0, with: change.1).utf8)
        let theirs = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Sample.self, from: data)
        }
        let ours = #expect(throws: DecodingError.self) {
            try JSONValue(parsing: data).decoded(as: Sample.self)
        }
        // Of a number that does not fit it tells no place.
        let known = theirs.map(place) ?? ""
        #expect(known.isEmpty || ours.map(place) == known)
    }

    private func place(_ error: DecodingError) -> String {
        let context: DecodingError.Context? =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context),
                .dataCorrupted(let context):
                context
            case .keyNotFound(let key, let context):
                DecodingError.Context(
                    codingPath: context.codingPath + [key], debugDescription: "")
            @unknown default: nil
            }
        return (context?.codingPath ?? []).map { $0.intValue.map(String.init) ?? $0.stringValue }
            .joined(separator: ".")
    }

    @Test(arguments: ["1.0", "1e2", "0", "-0", "127"])
    func `whole numbers may be written as any number is`(text: String) throws {
        let theirs = try JSONDecoder().decode([Int8].self, from: Data("[\(text)]".utf8))
        #expect(try JSONValue(parsing: "[\(text)]").decoded(as: [Int8].self) == theirs)
    }
}
