import Foundation
import Testing

/// Reads the sources: what Swift 6.3.1 miscompiles with -O cannot be seen in a debug build.
struct ChildTaskResultTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources")

    @Test func `no child task hands a tuple or an existential to its group`() throws {
        let files = try #require(
            FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
        var groups = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /TaskGroup\(\s*of:\s*(?<type>.+)\.self/) {
                groups += 1
                let type = match.output.type
                #expect(
                    !type.hasPrefix("(") && !type.contains("any "),
                    "\(file.lastPathComponent) has a group of \(type)")
            }
        }
        #expect(groups > 5, "the sources were not found")
    }
}
