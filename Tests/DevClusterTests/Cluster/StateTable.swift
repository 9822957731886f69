import Foundation
import Testing

/// A table of `docs/states.md`, whose first matching row decides.
struct StateTable {
    let columns: [String]
    let rows: [[String]]

    /// The table whose first column has this heading and whose last has that.
    init(from first: String, to last: String) throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/states.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let heading = try #require(
            lines.firstIndex { $0.hasPrefix("| \(first) |") && $0.hasSuffix("| \(last) |") })
        columns = StateTable.cells(lines[heading])
        rows = lines[(heading + 2)...].prefix { $0.hasPrefix("|") }.map(StateTable.cells)
    }

    private static func cells(_ line: some StringProtocol) -> [String] {
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// What the table says, in this column, of a state given by its values in column order.
    func decision(_ values: [String], in column: String) throws -> String {
        let row = try #require(
            rows.first { row in
                zip(row, values).allSatisfy { cell, value in
                    cell == "*" || cell.split(separator: "/").contains { $0 == value }
                }
            })
        return row[try #require(columns.firstIndex(of: column))]
    }
}

/// As the tables write it.
func yes(_ value: Bool) -> String { value ? "yes" : "no" }
