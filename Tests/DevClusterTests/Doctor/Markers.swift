import Foundation
import Synchronization

@testable import Vocabulary

/// Replaces strings of documents by markers of their own, and remembers where each stood.
final class Markers: Sendable {
    private let places = Mutex<[String: String]>([:])

    func make(_ place: String) -> String {
        places.withLock { places in
            let marker = "mk-\(1000 + places.count)-mk"
            places[marker] = place
            return marker
        }
    }

    /// The document with a marker for every string; members whose names users choose are there
    /// with these names, and with markers in place of them.
    func mark(_ value: JSONValue, _ place: String) -> JSONValue {
        switch value {
        case .string: return .string(make(place))
        case .array(let elements): return .array(elements.map { mark($0, "\(place)[]") })
        case .object(let members):
            let isMap = Markers.maps.contains(String(place.split(separator: ".").last ?? ""))
            var marked = members.reduce(into: [:] as [String: JSONValue]) {
                $0[$1.key] = mark($1.value, "\(place).\($1.key)")
            }
            for member in isMap ? Array(members.values) : [] {
                marked[make("\(place) name")] = mark(member, "\(place).*")
            }
            return .object(marked)
        default: return value
        }
    }

    private static let maps = [
        "annotations", "labels", "buildArgs", "data", "Labels", "options", "Annotations",
        "PortBindings", "Ports", "Networks", "Volumes", "Sysctls",
    ]

    /// The places of the markers that a text holds in whatever encoding.
    func places(in text: String) -> Set<String> {
        places.withLock { $0 }.reduce(into: []) { found, entry in
            if Markers.forms(of: entry.key).contains(where: text.contains) {
                found.insert(entry.value)
            }
        }
    }

    var count: Int { places.withLock { $0.count } }

    private static func forms(of marker: String) -> [String] {
        let bytes = Data(marker.utf8)
        let base64 = (0..<3).map { offset -> String in
            let whole = (Data(repeating: 65, count: offset) + bytes + Data("A".utf8))
                .base64EncodedString()
            return String(whole.dropFirst(4).prefix(12))
        }
        let encoded = bytes.map { "%" + String($0, radix: 16, uppercase: true) }.joined()
        return [marker, marker.replacing("-", with: "%2D"), encoded] + base64
    }
}
