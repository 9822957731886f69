import Foundation

extension String {
    /// All replacements made in one pass from the start: what one puts in is no match of another.
    ///
    /// Where several begin at one place, the longest counts.
    public func replacing(_ changes: [String: String]) -> String {
        var result = ""
        var rest = self[...]
        while true {
            let matches = changes.compactMap { change in
                rest.range(of: change.key).map { ($0, change.value) }
            }
            let first = matches.min { one, other in
                (one.0.lowerBound, other.0.upperBound) < (other.0.lowerBound, one.0.upperBound)
            }
            guard let (range, value) = first else { return result + rest }
            result += rest[..<range.lowerBound] + value
            rest = rest[range.upperBound...]
        }
    }
}
