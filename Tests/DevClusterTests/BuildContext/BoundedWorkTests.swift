import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Settings
@testable import Tools
@testable import Vocabulary

/// Texts that are short, and would take for ever to follow in the plain way.
struct BoundedWorkTests {
    /// What one may take on a slow machine; the plain way takes years.
    private func soon(within limit: Duration = .seconds(5), _ body: () throws -> Void) rethrows {
        let time = try processorTime(body)
        #expect(time < limit)
    }

    @Test(arguments: [
        String(repeating: "*a", count: 60), String(repeating: "*", count: 5000) + "b",
        String(repeating: "*[a-z]", count: 40) + "!", String(repeating: "*?", count: 60) + "b",
    ]) func `many stars in a name cost no more than its length`(pattern: String) {
        let name = String(repeating: "a", count: 200) + "c"
        soon { #expect(!PathPattern(pattern).covers([name])) }
    }

    @Test func `characters that may belong together are not put together at every step`() {
        // Flags are pairs of letters: where a row of them is entered decides what they are.
        let flags = String(repeating: "\u{1F1E9}", count: 20_000)
        soon { #expect(!PathPattern("*x" + flags + "y").covers([flags])) }
        soon { #expect(!KubectlText.server.isIn(flags)) }
        soon { #expect(PathPattern("*\u{1F1E9}").covers([flags])) }
    }

    @Test func `many stars between folders cost no more than the path's length`() {
        let pattern = PathPattern(String(repeating: "**/a/", count: 40) + "b")
        let path = Array(repeating: "a", count: 200)
        soon {
            #expect(!pattern.covers(path))
            #expect(pattern.reachesInto(path))
            #expect(pattern.covers(path + ["b", "c"]))
        }
    }

    @Test func `more rules and files than can be compared are an error that names them`()
        async throws
    {
        let folder = try TemporaryFolder()
        for index in 0..<50 { try folder.write("", to: "f\(index)") }
        var limits = ContextWalk.Limits()
        limits.steps = 1000
        var walk = try ContextWalk(
            context: folder.path, sources: [ContextUse.all],
            ignored: IgnoreRules((0..<100).map { "x\($0)" }.joined(separator: "\n")),
            limits: limits)
        let error = await #expect(throws: DevClusterError.self) { try await walk.run() }
        #expect(error?.message.contains("ignore rules") == true)
    }

    @Test func `links are no longer looked for where that takes too many comparisons`() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("out"), withDestinationPath: "/nowhere")
        func found(_ copies: Int) -> Int {
            var links = ContextLinks(
                root: folder.path,
                sources: Array(repeatElement(PathPattern("o*t"), count: copies)),
                ignored: IgnoreRules(""))
            links.mostSteps = 1000
            return links.find().count
        }
        #expect(found(1) == 1)
        #expect(found(1000) == 0)
    }

    @Test func `an ignore file that nobody wrote by hand is an error that names it`() throws {
        let folder = try TemporaryFolder()
        let rule = "**/a*b*c/**\n"
        try folder.write(String(repeating: rule, count: 100_000), to: ".dockerignore")
        let error = #expect(throws: DevClusterError.self) {
            try IgnoreRules(
                context: folder.path, containerfile: folder.file("Containerfile"), engine: .podman)
        }
        #expect(error?.message == "\(folder.file(".dockerignore")) is larger than 1 MB")
    }

    private func sources(_ text: String) -> [PathPattern] {
        ContainerfileStages(Containerfile(text), arguments: [:]).use(target: nil).sources
    }

    @Test func `a value that doubles forty times is not followed`() {
        let text =
            "FROM scratch\nENV A=aaaaaaaa\n" + String(repeating: "ENV A=$A$A\n", count: 40)
            + "COPY $A /x\n"
        soon { #expect(sources(text) == [ContextUse.all]) }
    }

    @Test func `a value of a usual length is followed`() {
        let text =
            "FROM scratch\nENV A=aaaaaaaa\n" + String(repeating: "ENV A=$A$A\n", count: 8)
            + "COPY $A /x\n"
        #expect(sources(text) == [PathPattern(String(repeating: "a", count: 2048))])
    }

    @Test func `defaults within defaults are followed as deep as people write them`() {
        func nested(_ depth: Int) -> String {
            "FROM scratch\nCOPY " + String(repeating: "${a:-", count: depth) + "x"
                + String(repeating: "}", count: depth) + " /x\n"
        }
        #expect(sources(nested(10)) == [PathPattern("x")])
        soon { #expect(sources(nested(50_000)) == [ContextUse.all]) }
    }

    @Test func `ONBUILD may stand sixty thousand times`() {
        let text = "FROM scratch\n" + String(repeating: "ONBUILD ", count: 60_000) + "COPY a b\n"
        soon { #expect(sources(text) == [PathPattern("a")]) }
    }

    @Test func `shifts in a shell's arithmetic are not looked for to the end each time`() {
        let text =
            "FROM scratch\n" + String(repeating: "RUN echo $((1 <<X))\n", count: 20_000)
            + "COPY a b\n"
        soon { #expect(sources(text) == [PathPattern("a")]) }
    }

    @Test func `more variables than are followed leave the rest unknown`() {
        let many = (0..<3000).map { "ENV V\($0)=v\n" }.joined()
        #expect(sources("FROM scratch\n\(many)COPY $V1 $V2999 /x\n").count == 2)
        #expect(sources("FROM scratch\n\(many)COPY $V1 /x\n") == [PathPattern("v")])
        #expect(sources("FROM scratch\n\(many)COPY $V2999 /x\n") == [ContextUse.all])
    }

    @Test(arguments: [
        (String(repeating: "FROM a\n", count: 1001), "1000 stages"),
        ("FROM a\n" + String(repeating: "RUN x\n", count: 20_000), "20000 instructions"),
        ("FROM a\n# " + String(repeating: "x", count: 1_000_000), "1 MB of text"),
    ]) func `a Containerfile beyond all measure is an error that says so`(
        text: String, excess: String
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "Containerfile")
        let hash = ContextHash(
            context: folder.path, containerfile: folder.file("Containerfile"), target: nil,
            arguments: [:], engine: .podman)
        let error = #expect(throws: DevClusterError.self) { try hash.plan() }
        #expect(error?.message.hasSuffix("Containerfile has more than \(excess)") == true)
    }

    @Test func `a hundred thousand unknown fields are told at once`() throws {
        let fields = Dictionary(
            uniqueKeysWithValues: (0..<100_000).map { ("imagess\($0)", JSONValue.null) })
        soon(within: .seconds(20)) {
            let error = #expect(throws: DevClusterError.self) {
                try Configuration(
                    document: [
                        "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                        "spec": .object(fields),
                    ], folder: "/x")
            }
            #expect(error?.message.contains("100000 errors") == true)
            #expect(error?.message.contains("and 99960 more") == true)
        }
    }

    @Test func `thousands of forwards on one port are told at once`() throws {
        let forwards = (0..<12_500).map { index -> JSONValue in
            [
                "name": .string("f\(index)"), "target": "svc/a", "port": 8080,
                "address": .string("127.\(index / 10_000).\(index / 100 % 100).\(index % 100)"),
            ]
        }
        let more: JSONValue = [
            "name": "all", "target": "svc/a", "port": 8080, "address": "0.0.0.0",
        ]
        soon(within: .seconds(20)) {
            let error = #expect(throws: DevClusterError.self) {
                try Configuration(
                    document: [
                        "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                        "spec": ["forwards": .array(forwards + [more])],
                    ], folder: "/x")
            }
            #expect(
                error?.message.contains(
                    "spec.forwards[0].port and spec.forwards[12500].port are both 8080") == true)
        }
    }
}
