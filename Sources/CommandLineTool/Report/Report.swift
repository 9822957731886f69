import SystemLibraries
import Vocabulary

/// What a command found or did: one value, printed as text or as JSON.
protocol Report: Encodable, Sendable {
    /// What the process exits with.
    var exitCode: Int32 { get }
    /// As people read it; empty prints nothing.
    func text(_ style: TextStyle) -> String
    /// What a dry run says below the commands, a line each.
    var planned: [String] { get }
}

extension Report {
    var exitCode: Int32 { 0 }
    var planned: [String] { [] }
}

/// A report that is only text: a script, a page.
struct TextReport: Report {
    var content: String

    func text(_ style: TextStyle) -> String { content }
}

/// How text may look.
struct TextStyle: Sendable {
    /// Whether colour is wanted: a terminal, and no `NO_COLOR`.
    var hasColor: Bool

    func green(_ text: String) -> String { paint(text, 32) }
    func red(_ text: String) -> String { paint(text, 31) }
    func yellow(_ text: String) -> String { paint(text, 33) }
    func dim(_ text: String) -> String { paint(text, 2) }
    func bold(_ text: String) -> String { paint(text, 1) }

    /// Every escape sequence that painted text can hold.
    static let sequences = [0, 1, 2, 31, 32, 33].map { "\u{1B}[\($0)m" }

    private func paint(_ text: String, _ code: Int) -> String {
        hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Columns of text, as wide as their widest cell.
struct TextTable {
    private var rows: [[String]]

    init(_ header: [String], _ rows: [[String]]) {
        self.rows = [header] + rows
    }

    /// The lines, without space at their ends.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}

/// Seconds as people read them: `0.4s`, `12s`, `3m 5s`.
func shortDuration(_ seconds: Double) -> String {
    if seconds < 9.95 {
        // A clock that was set back makes a time of less than nothing.
        let tenths = BoundedInteger((max(0, seconds) * 10).rounded()).value
        return "\(tenths / 10).\(tenths % 10)s"
    }
    let whole = BoundedInteger(seconds.rounded()).value
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return "\(whole / 60)m \(whole % 60)s" }
    if whole < 86400 { return "\(whole / 3600)h \(whole % 3600 / 60)m" }
    return "\(whole / 86400)d \(whole % 86400 / 3600)h"
}
