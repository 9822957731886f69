import Foundation
import TestSupport
import Testing

@testable import Tools

/// The tables of what other programs say.
struct ToolTextTests {
    @Test func `a text that names a recording stands in it`() throws {
        var recorded = 0
        for text in ToolText.all {
            guard case .recording(let file) = text.proof else { continue }
            recorded += 1
            // In JSON a quotation mark is escaped.
            let forms = [text.words, text.words.replacing("\"", with: "\\\"")]
            let recording = try Fixture.text(file)
            #expect(forms.contains { recording.contains($0) }, "\(text.words) in \(file)")
        }
        #expect(recorded > 30)
    }

    @Test func `every text stands in the table of its program`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources").path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
        let count = try paths.filter { $0.hasSuffix(".swift") }.map { path in
            try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
                .matches(of: /ToolText\(\s*"/).count
        }.reduce(0, +)
        #expect(ToolText.all.count == count)
    }
}
