import Vocabulary

/// How programs that nobody knows say that another one has their data.
///
/// They are believed only of a program beside one that has its data; the words alone could mean a
/// lock of anything.
enum LockWords {
    /// What such a line speaks of beside a lock.
    private static let others = [
        "another process", "another instance", "another server", "another program",
        "other process", "already locked", "is locked", "already held", "held by",
        "already in use", "being used by", "resource temporarily unavailable",
    ]
    /// Or it did not get one.
    private static let failures = ["unable to", "failed to", "could not", "cannot", "can't"]
    private static let attempts = ["acquire", "obtain", "get", "take", "set", "lock"]

    /// Other reasons for which a lock file cannot be locked.
    private static let reasons = [
        "permission denied", "accessdenied", "access denied", "read-only file system",
        "no such file", "no space left", "operation not supported", "not implemented",
    ]

    /// The last line of a log that says so; nil where none does, or something else is to blame.
    static func line(in log: String) -> String? {
        let lines = log.split(whereSeparator: \.isNewline)
        guard let place = lines.lastIndex(where: { speaksOfLock($0.lowercased()) }) else {
            return nil
        }
        let text = surroundings(of: place, in: lines).lowercased()
        return reasons.contains(where: text.contains) ? nil : ShownText.line(String(lines[place]))
    }

    /// How many lines before and after one may belong to it.
    private static let reach = 5

    /// A line with those that may say why: others are about something else. The frames of a stack
    /// trace do not count, for its cause stands below them.
    static func surroundings(of place: Int, in lines: [Substring]) -> String {
        let isFrame = { (line: Substring) in
            line.trimmingPrefix(while: \.isWhitespace).hasPrefix("at ")
        }
        let before = lines[..<place].filter { !isFrame($0) }.suffix(reach)
        let after = lines[place...].dropFirst().filter { !isFrame($0) }.prefix(reach)
        return (before + [lines[place]] + after).joined(separator: "\n")
    }

    private static func speaksOfLock(_ line: String) -> Bool {
        namesLock(line)
            && (others.contains(where: line.contains)
                || failures.contains { failure in
                    attempts.contains { line.contains("\(failure) \($0) ") }
                })
    }

    /// Whether it has a word with "lock" that is no block, clock or unlock.
    private static func namesLock(_ line: String) -> Bool {
        line.ranges(of: "lock").contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            return !["b", "c", "n"].contains(line[line.index(before: range.lowerBound)])
        }
    }
}
