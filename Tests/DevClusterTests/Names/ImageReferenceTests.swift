import Testing
import Vocabulary

private let digest = "sha256:" + String(repeating: "0a", count: 32)

@Suite struct `An image reference` {
    @Test(arguments: [
        ("busybox", nil, "busybox", nil, "docker.io/library/busybox"),
        ("busybox:1.36", nil, "busybox", "1.36", "docker.io/library/busybox:1.36"),
        ("a/b", nil, "a/b", nil, "docker.io/a/b"),
        ("localhost/x", "localhost", "x", nil, "localhost/x"),
        ("localhost:5001/agg:dev-1", "localhost:5001", "agg", "dev-1", "localhost:5001/agg:dev-1"),
        ("docker.io/busybox", "docker.io", "busybox", nil, "docker.io/library/busybox"),
        ("index.docker.io/a/b", "index.docker.io", "a/b", nil, "docker.io/a/b"),
        ("ghcr.io/acme/x/y:v1", "ghcr.io", "acme/x/y", "v1", "ghcr.io/acme/x/y:v1"),
        ("EXAMPLE/x", "EXAMPLE", "x", nil, "EXAMPLE/x"),
        ("Example.COM:80/x", "Example.COM:80", "x", nil, "Example.COM:80/x"),
        ("[::1]:5000/x:t", "[::1]:5000", "x", "t", "[::1]:5000/x:t"),
        ("[2001:db8::1]/x", "[2001:db8::1]", "x", nil, "[2001:db8::1]/x"),
        ("127.0.0.1:5001/x", "127.0.0.1:5001", "x", nil, "127.0.0.1:5001/x"),
        ("localhost:5001", nil, "localhost", "5001", "docker.io/library/localhost:5001"),
        (
            "a__b/c.d-e--f:T_a.g-1", nil, "a__b/c.d-e--f", "T_a.g-1",
            "docker.io/a__b/c.d-e--f:T_a.g-1"
        ),
        ("kind-registry:5000/x", "kind-registry:5000", "x", nil, "kind-registry:5000/x"),
    ])
    func `is taken apart as engines do`(
        text: String, registry: String?, path: String, tag: String?, normalized: String
    ) throws {
        let reference = try ImageReference(text)
        #expect(reference.registry == registry)
        #expect(reference.path == path)
        #expect(reference.tag?.description == tag)
        #expect(reference.digest == nil)
        #expect(reference.description == text)
        #expect(reference.normalized.description == normalized)
        #expect(reference.normalized.normalized == reference.normalized)
    }

    @Test func `may pin a digest, with a tag or without`() throws {
        let pinned = try ImageReference("ghcr.io/a/b:v1@\(digest)")
        #expect(pinned.tag?.description == "v1")
        #expect(pinned.digest?.description == digest)
        #expect(pinned.repository == "ghcr.io/a/b")
        #expect(pinned.description == "ghcr.io/a/b:v1@\(digest)")
        #expect(pinned.withoutTagAndDigest.description == "ghcr.io/a/b")
        #expect(pinned.with(tag: .latest).description == "ghcr.io/a/b:latest")
        #expect(try ImageReference("b@\(digest)").effectiveTag == nil)
        #expect(try ImageReference("b").effectiveTag == .latest)
        #expect(pinned.effectiveTag?.description == "v1")
    }

    @Test(arguments: [
        ("", "image reference is empty"), (":", "tag is empty"), ("a:", "tag is empty"),
        ("/a", "a part between slashes is empty"), ("a/", "a part between slashes is empty"),
        ("a//b", "a part between slashes is empty"), ("localhost/", "the repository is missing"),
        ("Busybox", "it must be lower case"), ("ghcr.io/Acme/x", "it must be lower case"),
        (" busybox", #"" " is not allowed"#), ("busybox\n", #""\n" is not allowed"#),
        ("a b", "is not allowed"), ("-a", "each part must begin and end"),
        ("a-", "each part must begin and end"), ("a___b", #""___" cannot separate words"#),
        ("a..b", #"".." cannot separate words"#), ("a._b", "cannot separate words"),
        ("a@b", "must begin with"), ("a@sha256:abc", "64 lower-case"),
        ("a@sha512:" + String(repeating: "a", count: 128), "must begin with \"sha256:\""),
        ("a@\(digest)@\(digest)", "64 lower-case"), ("a:b:c/d:e", "is not a port"),
        ("a:b:c", "is not allowed"), ("a:-x", "must begin with a letter"),
        ("a:.x", "must begin with a letter"), ("a:\u{e9}", "is not allowed"),
        ("a:" + String(repeating: "x", count: 129), "129 characters"),
        ("example.com:99999/a", #""99999" is not a port"#), ("example.com:/a", "is not a port"),
        ("example.com:0/a", "is not a port"), ("ex_ample.com/a", "in the host"),
        ("-example.com/a", "each part of the host"),
        ("example..com/a", "a part of the host is empty"),
        ("[::1/a", "is not an IPv6 address"), ("[1.2.3]/a", "is not an IPv6 address"),
        ("[::1%lo]/a", "is not an IPv6 address"), ("::1/a", "is not allowed"),
        ("http://example.com/a", "is not a port"), ("$(id)/a", "is not allowed"),
        ("a;rm", "is not allowed"), ("../a", "a part of the host is empty"),
        ("./a", "a part of the host is empty"),
        (String(repeating: "a", count: 64), "the ID of an image"),
    ])
    func `is refused with a reason when it is malformed`(text: String, why: String) {
        let error = #expect(throws: DevClusterError.self) { try ImageReference(text) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
        #expect(error?.code == .usage)
    }

    @Test func `may have a repository of 255 characters, host included`() throws {
        let longest = "a.b/" + String(repeating: "x", count: 251)
        #expect(try ImageReference(longest + ":t").path.count == 251)
        let error = #expect(throws: DevClusterError.self) { try ImageReference(longest + "x") }
        #expect(error?.message.contains("256 characters, 255 are allowed") == true)
        #expect(try RepositoryName(String(repeating: "x", count: 255)).description.count == 255)
        #expect(throws: DevClusterError.self) {
            try RepositoryName(String(repeating: "x", count: 256))
        }
        #expect(try TagName(String(repeating: "x", count: 128)).description.count == 128)
    }

    @Test func `shows a hostile text without its control characters`() {
        let error = #expect(throws: DevClusterError.self) {
            try ImageReference("a\u{1B}[31m\u{202E}b")
        }
        #expect(
            error?.message.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" } == false)
    }

    @Test func `is put together from its parts`() throws {
        let reference = try ImageReference(
            registry: RegistryHost("localhost:5001"), path: RepositoryName("agg"),
            tag: TagName("dev-1"), digest: Digest(digest))
        #expect(try reference == ImageReference("localhost:5001/agg:dev-1@\(digest)"))
    }

    @Test func `is text in JSON`() throws {
        let references: [ImageReference] = try JSONValue(parsing: #"["a/b:c"]"#).decoded()
        #expect(try JSONValue(encoding: references) == ["a/b:c"])
        let error = #expect(throws: DecodingError.self) {
            try JSONValue(parsing: #"["A"]"#).decoded(as: [ImageReference].self)
        }
        #expect("\(try #require(error))".contains("must be lower case"))
    }
}

@Suite struct `A digest` {
    @Test func `is sha256 with 64 lower-case digits`() throws {
        #expect(try Digest(digest).hex.count == 64)
        #expect(try Digest(digest).short == "0a0a0a0a0a0a")
        for wrong in [
            "", "sha256:", "sha256", digest.uppercased(), digest + "0",
            "SHA256:" + digest.dropFirst(7), String(digest.dropLast()),
        ] {
            #expect(throws: DevClusterError.self) { try Digest(wrong) }
        }
    }
}

@Suite struct `A registry's host` {
    @Test func `is told from the first part of a repository by a dot, a port or localhost`() throws
    {
        #expect(try RegistryHost("localhost").isLoopback)
        #expect(try RegistryHost("localhost:5001").port == PortNumber(5001))
        #expect(try RegistryHost("[::1]:5001").name == "::1")
        #expect(try RegistryHost("[::1]:5001").isLoopback)
        #expect(try RegistryHost("[::1]").port == nil)
        #expect(try !RegistryHost("ghcr.io").isLoopback)
        let error = #expect(throws: DevClusterError.self) { try RegistryHost("registry") }
        #expect(error?.message.contains("it needs a dot or a port") == true)
        #expect(throws: DevClusterError.self) { try RegistryHost("ghcr.io/x") }
        #expect(throws: DevClusterError.self) { try RegistryHost("https://ghcr.io") }
    }

    @Test func `may be followed by a path`() throws {
        let location = try RegistryLocation("registry.example.com:443/team/dev")
        #expect(location.host.description == "registry.example.com:443")
        #expect(location.path?.description == "team/dev")
        #expect(location.description == "registry.example.com:443/team/dev")
        #expect(try RegistryLocation("ghcr.io").path == nil)
        #expect(throws: DevClusterError.self) { try RegistryLocation("ghcr.io/") }
        #expect(throws: DevClusterError.self) { try RegistryLocation("ghcr.io/Team") }
    }
}
