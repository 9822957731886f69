/// The first number with a dot in what a tool prints, such as `4.3.1`; later parts do not count.
package struct VersionNumber: Sendable, Equatable, Comparable,
    CustomStringConvertible
{
    package var major: Int
    package var minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Nil when there is no such number.
    package init?(in text: String) {
        for word in text.split(whereSeparator: { !$0.isNumber && $0 != "." }) {
            let parts = word.split(separator: ".").compactMap { Int($0) }
            guard parts.count > 1 else { continue }
            self.init(parts[0], parts[1])
            return
        }
        return nil
    }

    package static func < (left: VersionNumber, right: VersionNumber) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    package var description: String { "\(major).\(minor)" }
}
