/// A time span as people write it: `60m`, `30s`, `1h30m`, `1.5s`, `500ms`.
public struct HumanDuration: ValidatedText {
    /// The time span.
    public let duration: Duration

    /// Wraps a time span; less than a millisecond is dropped when it is printed.
    package init(_ duration: Duration) {
        self.duration = duration
    }

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads numbers with units `h`, `m`, `s`, `ms`, from the largest to the smallest.
    ///
    /// - Throws: `DevClusterError` with code `usage`: no unit, unknown unit, wrong order,
    ///   fractions of a millisecond, or more than 10000 hours.
    public init(_ text: String) throws(DevClusterError) {
        var rest = text[...]
        var total: Int64 = 0
        var allowed = Self.units[...]
        repeat {
            let number = rest.prefix { "0123456789.".contains($0) }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !"0123456789.".contains($0) }
            rest = rest.dropFirst(unit.count)
            let position = allowed.firstIndex { $0.name == unit }
            guard !number.isEmpty, let position else {
                throw .invalid(
                    "duration", text,
                    unit.isEmpty && !number.isEmpty
                        ? "it needs a unit, for example \(number)s or \(number)m"
                        : "it must be like 60m, 30s, 1h30m or 500ms")
            }
            guard let part = Self.milliseconds(number, of: Self.units[position].milliseconds),
                total + part <= 10_000 * 3_600_000
            else {
                throw .invalid(
                    "duration", text,
                    "\(number)\(unit) is no number, or too large, or finer than a millisecond"
                )
            }
            total += part
            allowed = allowed[(position + 1)...]
        } while !rest.isEmpty
        duration = .milliseconds(total)
    }

    /// The product in whole milliseconds, or nil when it is none or far too large.
    private static func milliseconds(_ number: Substring, of unit: Int64) -> Int64? {
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int64(parts[0]), whole <= 36_000_000_000 else {
            return nil
        }
        guard parts.count == 2 else { return whole * unit }
        guard (1...9).contains(parts[1].count), let fraction = Int64(parts[1]) else { return nil }
        let scale = (0..<parts[1].count).reduce(Int64(1)) { power, _ in power * 10 }
        guard (fraction * unit).isMultiple(of: scale) else { return nil }
        return whole * unit + fraction * unit / scale
    }

    /// The same span with the largest whole units: `90m` is `1h30m`.
    public var description: String {
        // Beyond, milliseconds do not fit 64 bits.
        let bound = Duration.seconds(1 << 53)
        let components = min(max(duration, .zero - bound), bound).components
        var rest = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        guard rest != 0 else { return "0s" }
        var text = rest < 0 ? "-" : ""
        rest = abs(rest)
        for unit in Self.units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }

    /// The order of the time spans.
    public static func < (left: HumanDuration, right: HumanDuration) -> Bool {
        left.duration < right.duration
    }
}
