/// Cuts what a child prints into lines, and keeps no more of one than a limit.
struct LineReader {
    /// Bytes of a line that are kept.
    let limit: Int
    private var rest: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// The lines that are whole with these bytes, each without what is beyond the limit.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var left = bytes[...]
        while let end = left.firstIndex(of: UInt8(ascii: "\n")) {
            keep(left[..<end])
            lines.append(String(decoding: rest, as: UTF8.self))
            rest = []
            left = left[(end + 1)...]
        }
        keep(left)
        return lines
    }

    /// What came after the last end of line; nil when nothing did.
    mutating func end() -> String? {
        defer { rest = [] }
        return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        rest += part.prefix(limit - rest.count)
    }
}
