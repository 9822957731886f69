import Foundation
import Testing

/// The core of the live tests, which `.ci/live-core` names by patterns.
@Suite struct LiveCoreTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test func `each pattern names one live test`() throws {
        let script = try text(".ci/live-core")
        let list = try #require(script.firstMatch(of: /core=\(\n((?:.*\n)*?)\)\n/)).1
        let patterns = list.split(separator: "\n").compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        #expect(patterns.count > 8)
        let folder = Self.root.appending(path: "Tests/LiveTests").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix("Tests.swift") }
            .flatMap { file in
                try text("Tests/LiveTests/\(file)").matches(of: /func `([^`]+)`/)
                    .map { String($0.1) }
            }
        for pattern in patterns {
            let found = try names.filter { try Regex(pattern).firstMatch(in: $0) != nil }
            #expect(found.count == 1, "\(pattern): \(found)")
        }
    }
}
