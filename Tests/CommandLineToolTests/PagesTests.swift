import Arguments
import SystemLibraries
import Testing

@testable import CommandLineTool

/// What the pages say about the code and about each other.
@Suite struct `The pages` {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Those for people who work on the code.
    static let aboutCode = ["docs/architecture.md", "docs/contributing.md", "docs/hardening.md"]

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// Files and folders of the project.
    private func paths() throws -> [String] {
        try ["Sources", "Tests", "docs", "templates"].flatMap { folder in
            try FileManager.default.subpathsOfDirectory(
                atPath: Self.root.appending(path: folder).path
            ).map { "\(folder)/\($0)" }
        } + ["README.md", "Package.swift"]
    }

    /// What stands between backticks, code blocks excepted.
    private func codes(_ page: some StringProtocol) -> [String] {
        String(page).split(separator: "```", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset.isMultiple(of: 2) }
            .flatMap { $0.element.matches(of: /`([^`\n]+)`/).map { String($0.1) } }
    }

    @Test(arguments: aboutCode)
    func `every file and folder that a page names exists`(page: String) throws {
        let paths = try paths()
        let known = Set(
            paths.flatMap { path in
                // `Deploy.swift` and `Deployment/Deploy.swift` name it too.
                let parts = path.split(separator: "/")
                return parts.indices.map { parts[$0...].joined(separator: "/") }
            })
        let modules = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appending(path: "Sources").path)
        let folders = Set(modules + ["Sources", "Tests", "docs", "templates"])
        let named = try codes(text(page)).filter { code in
            guard code.wholeMatch(of: /[\w+.\/-]+/) != nil else { return false }
            return code.hasSuffix(".swift") || code.hasSuffix("/")
                || code.contains("/") && folders.contains(String(code.prefix { $0 != "/" }))
        }
        #expect(named.count > 2)
        for name in named {
            let path = name.hasSuffix("/") ? String(name.dropLast()) : name
            #expect(known.contains(path) || folders.contains(path), "\(page) names \(name)")
        }
    }

    @Test(arguments: aboutCode)
    func `every suite of tests that a page names exists`(page: String) throws {
        let files = Set(try paths().map { path in String(path.split(separator: "/").last ?? "") })
        for name in try codes(text(page)) where name.wholeMatch(of: /\w+Tests/) != nil {
            #expect(files.contains(name) || files.contains("\(name).swift"), "\(page): \(name)")
        }
    }

    @Test func `every row of a table in architecture.md is about something that exists`() throws {
        let paths = try paths()
        let sources = try paths.filter { $0.hasSuffix(".swift") }.map(text).joined()
        let declared = Set(
            sources.matches(of: /\b(?:struct|class|enum|actor|protocol) (\w+)/).map {
                String($0.1)
            })
        let targets = Set(
            try text("Package.swift").matches(of: /name: "(\w+)"/).map { String($0.1) })
        let help = leafCommands.map { path, _ in
            CommandParser(root: Root.self, version: version).help(for: path)
        }.joined()
        let commands = Set(
            leafCommands.flatMap { path, _ in
                path.indices.map { path[...$0].joined(separator: " ") }
            })
        let cells = try text("docs/architecture.md").split(separator: "\n")
            .filter { $0.hasPrefix("| ") }.compactMap { $0.split(separator: "|").first }
        #expect(cells.flatMap(codes).count > 40)
        for code in cells.flatMap(codes) {
            let isOption = code.hasPrefix("-") && help.contains(code)
            let command = code.split(separator: " ").prefix { !$0.hasPrefix("-") }
                .joined(separator: " ")
            #expect(
                declared.contains(code) || targets.contains(code) || isOption
                    || commands.contains(command) || code == "validate()"
                    || paths.contains(code), "\(code)")
        }
    }

    @Test func `every link leads to a page and a heading that exist`() throws {
        let pages = try paths().filter { $0.hasSuffix(".md") && !$0.hasPrefix("Tests/") }
        #expect(pages.count > 20)
        let headings = try Dictionary(uniqueKeysWithValues: pages.map { ($0, try anchors($0)) })
        for page in pages {
            let folder = page.hasPrefix("docs/") ? "docs/" : ""
            for link in try text(page).matches(of: /\]\(([^)\s:]+)\)/).map({ String($0.1) }) {
                let parts = link.split(separator: "#", omittingEmptySubsequences: false)
                let target = parts[0].isEmpty ? page : folder + parts[0]
                let exists = FileManager.default.fileExists(
                    atPath: Self.root.appending(path: target).path)
                #expect(exists, "\(page) links to \(link)")
                if parts.count > 1, let headings = headings[target] {
                    #expect(headings.contains(String(parts[1])), "\(page) links to \(link)")
                }
            }
        }
    }

    @Test func `every page is linked from the README`() throws {
        let readme = try text("README.md")
        for page in try paths() where page.hasPrefix("docs/") && page.hasSuffix(".md") {
            #expect(readme.contains("](\(page))"), "\(page)")
        }
    }

    /// The anchors of a page's headings, as GitHub makes them.
    private func anchors(_ page: String) throws -> Set<String> {
        Set(
            try text(page).split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                line.drop { $0 == "#" }.dropFirst().lowercased()
                    .filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
                    .map { $0 == " " ? "-" : String($0) }.joined()
            })
    }
}
