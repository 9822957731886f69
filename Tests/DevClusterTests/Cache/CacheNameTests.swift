import Testing

@testable import Registries
@testable import Vocabulary

struct CacheNameTests {
    private let sample: SampleSession

    init() throws {
        sample = try SampleSession(registryPort: 5112)
    }

    /// An image with these tags.
    private func image(_ tags: String...) throws -> NodeImage {
        NodeImage(
            id: try Digest(SampleNode.web), tags: tags, digests: [], size: 1, isPinned: false,
            uses: [])
    }

    private func names(_ text: String, in image: NodeImage) throws -> [String] {
        try CacheName(text).names(in: image, sample.place)
    }

    @Test(arguments: [
        ("localhost:5112/web:1", ["localhost:5112/web:1"]), ("web:1", ["localhost:5112/web:1"]),
        ("web", []), ("web:*", ["localhost:5112/web:1", "localhost:5112/web:1b"]),
        ("*1", ["localhost:5112/web:1"]), ("loc*/w*b:*b", ["localhost:5112/web:1b"]),
        ("eb:*", []), ("*", ["localhost:5112/web:1", "localhost:5112/web:1b"]),
        ("*b:1b*b", []), (SampleNode.web, [SampleNode.web]),
        ("8b0a585b3461", [SampleNode.web]), ("sha256:8b0a585b3461", [SampleNode.web]),
        ("8b0a585b3462", []),
    ])
    func `names, patterns and IDs mean what is written`(text: String, meant: [String]) throws {
        let image = try image("localhost:5112/web:1", "localhost:5112/web:1b")
        #expect(try names(text, in: image) == meant)
    }

    @Test(arguments: ["busybox", "library/busybox", "docker.io/library/busybox:latest"])
    func `Docker Hub's images have several names`(text: String) throws {
        let image = try image("docker.io/library/busybox:latest")
        #expect(try names(text, in: image) == ["docker.io/library/busybox:latest"])
    }

    @Test func `the same path in a registry of others is another image`() throws {
        #expect(try names("web:1", in: try image("ghcr.io/web:1")).isEmpty)
    }

    @Test(arguments: ["", "UPPER", "a b", "a:", "-x", "8B0A585B3461"])
    func `what cannot be a name is wrong usage`(text: String) {
        let error = #expect(throws: DevClusterError.self) { try CacheName(text) }
        #expect(error?.code == .usage)
    }
}
