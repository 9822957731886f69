import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Vocabulary

/// Each case was tried with podman 4.3.1, which copies what is expected to be let through.
struct ContextLinksTests {
    private let folder: TemporaryFolder
    private var root: String { folder.file("app") }

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("o", to: "outside/o")
        try folder.write("d", to: "app/data/deep/d")
        try folder.write("i", to: "app/index.html")
        let links = [
            "rel": "../outside", "abs": folder.file("outside"), "back": "../app/data",
            "absolute": folder.file("app/data"), "nowhere": "missing", "gone": "../gone",
            "inside": "data", "root": "/data", "clamped": "../index.html", "loop": "loop",
            "sub/o": "../../outside/o", "sub/inside": "../data", "data/out": "../../outside",
            "chain": "gone", "absent": "/nowhere/at/all",
        ]
        try FileManager.default.createDirectory(
            atPath: folder.file("app/sub"), withIntermediateDirectories: true)
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("app/\(name)"), withDestinationPath: target)
        }
    }

    private func links(_ instructions: String, ignored: String = "") throws -> [ContextLinks.Link] {
        let file = Containerfile("FROM scratch\n\(instructions)\n")
        let use = ContainerfileStages(file, arguments: [:]).use(target: nil)
        var links = ContextLinks(
            root: try #require(ContextWalk.real(root)), sources: use.copied,
            ignored: IgnoreRules(ignored))
        return links.find()
    }

    @Test(arguments: [
        ("COPY rel /x/", ["rel"]), ("COPY abs /x/", ["abs"]), ("ADD rel /x/", ["rel"]),
        ("COPY rel/o /x/", ["rel"]), ("COPY sub/o /x/", ["sub/o"]), ("COPY sub/* /x/", ["sub/o"]),
        ("COPY r* /x/", ["rel"]), ("COPY gone /x/", ["gone"]),
        ("COPY chain/o /x/", ["chain"]), ("COPY absent /x/", ["absent"]),
        ("COPY inside/out /x/", ["inside/out"]),
        ("COPY [\"rel\", \"abs\", \"/x/\"]", ["abs", "rel"]), ("COPY . rel /x/", ["rel"]),
    ]) func `a link that an engine cannot follow is named`(instruction: String, names: [String])
        throws
    {
        let found = try links(instruction)
        #expect(found.map(\.path) == names)
        #expect(found.allSatisfy { !$0.returns })
    }

    @Test(arguments: [
        "COPY . /x/", "COPY sub /x/", "COPY data /x/", "COPY inside /x/", "COPY inside/deep /x/",
        "COPY sub/inside /x/", "COPY root /x/", "COPY clamped /x/", "COPY index.html /x/",
        "COPY --from=other rel /x/", "RUN --mount=type=bind,source=rel,target=/m ls /m",
        "ADD https://example.com/rel /x/", "COPY <<rel /x/\nrel\nrel",
    ]) func `what an engine copies is let through`(instruction: String) throws {
        #expect(try links(instruction).isEmpty)
    }

    @Test(arguments: ["COPY nowhere /x/", "COPY loop /x/", "COPY missing /x/"])
    func `what leads nowhere inside is the engine's to complain of`(instruction: String) throws {
        #expect(try links(instruction).isEmpty)
    }

    @Test(arguments: ["back", "absolute"])
    func `a link that comes back by way of what is outside is told apart`(name: String) throws {
        let found = try links("COPY \(name) /x/")
        let target = try #require(ContextWalk.real(root)) + "/data"
        #expect(found == [ContextLinks.Link(path: name, target: target, returns: true)])
        var error = ContextLinksError()
        let base = try #require(ContextWalk.real(folder.path))
        error.add(
            found, of: "web", context: "\(base)/app", containerfile: "\(base)/app/Containerfile",
            base: base)
        #expect(
            error.error?.message
                == "app/\(name) leads out of the context of image 'web' and back, to \(target)")
        #expect(error.error?.hint == "let it stay inside: ln -sfn data app/\(name)")
    }

    @Test func `a link that is ignored is not there for an engine`() throws {
        #expect(try links("COPY r* /x/", ignored: "rel\n").isEmpty)
    }

    @Test func `all links are named at once, and a whole disk is no cure`() throws {
        var error = ContextLinksError()
        #expect(error.error == nil)
        for path in ["a", "b"] {
            error.add(
                [ContextLinks.Link(path: path, target: "/etc", returns: false)], of: "web",
                context: "/shop", containerfile: "/shop/Containerfile", base: "/shop"
            )
        }
        #expect(
            error.error?.message == "a leads out of the context of image 'web', to /etc\n"
                + "b leads out of the context of image 'web', to /etc")
        #expect(error.error?.hint == "put what it leads to into the context itself")
    }

    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/a/b", ".."), ("/a/c", "/a/b", "../c"), ("/a", "/a", "."),
    ]) func `a path is named from a folder`(path: String, base: String, name: String) {
        #expect(FilePaths.relative(path, to: base) == name)
    }
}
