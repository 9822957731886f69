/// A number with its noun: `1 node`, `2 nodes`.
public func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// A number from outside with its noun.
public func counted(_ number: BoundedInteger, _ noun: String) -> String {
    counted(number.value, noun)
}

/// Bytes as people read them: `512 B`, `8.1 kB`, `12 MB`, in powers of 1000.
public func byteCount(_ bytes: BoundedInteger) -> String {
    // At most 2^53, so that no number below is too large for `Int`.
    var value = Double(bytes.value)
    for unit in ["B", "kB", "MB", "GB"] {
        if value.magnitude < 999.5 {
            let tenths = Int((value * 10).rounded())
            let isWhole = unit == "B" || value.magnitude >= 9.95 || tenths % 10 == 0
            return isWhole ? "\(Int(value.rounded())) \(unit)" : "\(Double(tenths) / 10) \(unit)"
        }
        value /= 1000
    }
    return "\(Int(value.rounded())) TB"
}
