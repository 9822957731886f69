import SystemLibraries
import Testing

/// The order of the modules: `Package.swift` states it, docs/architecture.md describes it.
@Suite struct `The modules` {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// A target that ships, with the targets that it may use.
    private struct Module {
        var name: String
        var dependencies: [String]
    }

    /// Those of `Package.swift` in its order, before the first target of the tests.
    private func modules() throws -> [Module] {
        let manifest = try text("Package.swift")
        var lists: [String: [String]] = [:]
        for match in manifest.matches(of: /let (\w+): \[Target\.Dependency\] =([^\]]*\])/) {
            lists[String(match.1)] = names(String(match.2), lists)
        }
        let parts = manifest.split(separator: /\.(?:target|executableTarget)\(/).dropFirst()
        return parts.compactMap { part -> Module? in
            guard let name = part.firstMatch(of: /name: "(\w+)"/) else { return nil }
            let own = part.prefix(
                upTo: part.firstRange(of: "swiftSettings")?.lowerBound ?? part.endIndex)
            let list = own.firstMatch(of: /dependencies: ([^:]*)/)
            return Module(
                name: String(name.1),
                dependencies: list.map { names(String($0.1), lists) } ?? [])
        }.prefix { $0.name != "TestSupport" }.map { $0 }
    }

    /// What a list names: targets in quotes, and lists by name.
    private func names(_ list: String, _ lists: [String: [String]]) -> [String] {
        let named = list.matches(of: /"(\w+)"/).map { String($0.1) }
        let included = lists.filter { name, _ in
            list.split { !$0.isLetter && $0 != "\"" }.contains { $0 == name }
        }
        return included.flatMap(\.value) + named
    }

    @Test func `each is described once in architecture.md, in the order of Package.swift`() throws {
        let described = try text("docs/architecture.md").split(separator: "\n").drop {
            !$0.hasPrefix("| module | knows")
        }.dropFirst(2).prefix { $0.hasPrefix("| `") }.map { row in
            String(row.dropFirst(3).prefix { $0 != "`" })
        }
        let stated = try modules().map(\.name)
        #expect(described == stated)
        // Folders that other versions had may be left, and hold nothing.
        let files = try FileManager.default.subpathsOfDirectory(
            atPath: Self.root.appending(path: "Sources").path
        ).filter { $0.hasSuffix(".swift") }
        let folders = Set(files.map { String($0.prefix { $0 != "/" }) })
        #expect(folders.union(["Templates"]) == Set(described))
    }

    @Test func `none uses a later one`() throws {
        var earlier: Set<String> = []
        for module in try modules() {
            #expect(earlier.isSuperset(of: module.dependencies), "\(module.name)")
            earlier.insert(module.name)
        }
    }

    /// The files of all modules but these, by their path below `Sources`.
    private func sources(except modules: Set<String>) throws -> [String: String] {
        let folder = Self.root.appending(path: "Sources").path
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            path.hasSuffix(".swift") && !modules.contains(String(path.prefix { $0 != "/" }))
        }
        return try Dictionary(
            paths.map { ($0, try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)) }
        ) { $1 }
    }

    /// What is left is a program that the user names, and commands that are only shown.
    @Test func `only Tools describes runs of other programs`() throws {
        let known: Set = [
            "Settings/Manifest/ManifestReader.swift", "Settings/Manifest/ManifestAdvice.swift",
            "GettingStarted/Init/Initialization.swift",
        ]
        let found = try sources(except: ["Tools", "ChildProcess"])
            .filter { $0.value.contains(/Invocation\(\s*(?:"|\w+\[)|spawnPiped\(/) }
        #expect(Set(found.keys) == known)
    }

    @Test func `nobody but Tools can hand arguments to a program`() throws {
        let all = try sources(except: [])
        #expect(all.contains { $0.key.hasPrefix("Tools/") })
        for (path, text) in all where path.hasPrefix("Tools/") {
            let opened = text.matches(
                of: /(?:package|public) func \w+\(\s*_ arguments: \[String\]/)
            #expect(opened.isEmpty, "\(path)")
        }
    }

    @Test func `which engine it is matters in its own folder only`() throws {
        let found = try sources(except: [])
            .filter { $0.value.contains(/[ (\[]\.(?:podman|docker)\b/) }
        #expect(Set(found.keys) == ["Tools/Engine/EngineDialect.swift"])
    }

    @Test func `none imports what Package.swift does not let it use`() throws {
        let modules = try modules()
        let known = Set(modules.map(\.name))
        for module in modules where module.name != "Templates" {
            let folder = Self.root.appending(path: "Sources/\(module.name)").path
            let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
            let sources = paths.filter { $0.hasSuffix(".swift") }
            #expect(!sources.isEmpty, "\(module.name)")
            for path in sources {
                let content = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
                let imported = content.matches(of: /(?m)^\s*(?:\w+ )?import (\w+)$/)
                    .map { String($0.1) }
                #expect(
                    Set(imported).intersection(known).isSubset(of: module.dependencies),
                    "\(module.name)/\(path)")
            }
        }
    }
}
