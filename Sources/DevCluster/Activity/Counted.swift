/// A number with its noun: `1 node`, `2 nodes`.
public func counted(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// Bytes as people read them: `512 B`, `8.1 kB`, `12 MB`, in powers of 1000.
public func byteCount(_ bytes: Int) -> String {
    var value = Double(bytes)
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
