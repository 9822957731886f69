import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Registries
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

/// A registry that others run: names, logins, certificates.
struct ExternalRegistryTests {
    private let runner = ScriptedRunner()
    private let folder: TemporaryFolder
    private let challenged = #"Bearer realm="rec",service="rec""#

    init() throws {
        folder = try TemporaryFolder()
    }

    private func session(_ host: String, _ registry: [String: JSONValue] = [:]) throws -> Session {
        var whole = registry
        whole["host"] = .string(host)
        return try SampleSession(
            ["registry": .object(whole), "images": [["name": "web"]]], runner: runner,
            environment: [
                "HOME": folder.path, "REGISTRY_AUTH_FILE": folder.file("auth.json"),
                "XDG_RUNTIME_DIR": folder.path, "DOCKER_CONFIG": folder.path,
            ]
        ).session
    }

    private func logIn(_ key: String, _ login: String = "user:secret") throws {
        let auth = Data(login.utf8).base64EncodedString()
        try folder.write(#"{"auths": {"\#(key)": {"auth": "\#(auth)"}}}"#, to: "auth.json")
    }

    /// Answers each request with what was recorded; a refusal asks for a password.
    private func expectCurl(_ url: String, _ recording: String) {
        runner.expect(
            where: { $0.tool == "curl" && $0.inputText.contains("url = \"\(url)\"") },
            named: url, times: 1
        ) { [challenged] invocation in
            var text = try Fixture.text("curl-7.88.1-\(recording).txt")
                .replacing(challenged, with: #"Basic realm="r""#)
            if recording == "get-401" {
                // The header's size follows from the text that was put in.
                let end = try #require(text.utf8.firstRange(of: "\r\n\r\n".utf8)?.upperBound)
                let size = text.utf8.distance(from: text.startIndex, to: end)
                text = text.replacing("MARK 0 401 265", with: "MARK 0 401 \(size)")
            }
            return try CurlScript(invocation).outcome([Data(text.utf8)])
        }
    }

    private let web = ManifestName(repository: "web", reference: "1")

    @Test func `it is asked with TLS and the engine's login, below its path`() async throws {
        try logIn("registry.example.com")
        let session = try session("registry.example.com/team")
        expectCurl("https://registry.example.com/v2/", "get-401")
        expectCurl("https://registry.example.com/v2/team/web/manifests/1", "head-200")
        #expect(try await session.registry.digests(of: [web])[web]?.value?.short == "094d1661e83f")
        let asked = try #require(runner.calls.last)
        #expect(asked.inputText.contains("Authorization: Basic dXNlcjpzZWNyZXQ="))
        #expect(runner.commands.allSatisfy { !$0.contains("dXNlcjpz") })
        // The way in is remembered: no second refusal is needed.
        expectCurl("https://registry.example.com/v2/team/web/manifests/1", "head-200")
        _ = try await session.registry.digests(of: [web])
    }

    @Test func `without a login it says how to log in`() async throws {
        let session = try session("registry.example.com")
        expectCurl("https://registry.example.com/v2/", "get-401")
        expectCurl("https://registry.example.com/v2/web/manifests/1", "head-401")
        let answers = try await session.registry.digests(of: [web])
        let error = #expect(throws: DevClusterError.self) {
            try UniqueTag.requireAnswers(answers, from: session.registry)
        }
        #expect(error?.hint?.contains("podman login registry.example.com") == true)
        #expect(error?.hint?.contains("certs.d/registry.example.com/ca.crt") == true)
    }

    @Test func `a login for a path wins over that for the host`() async throws {
        try folder.write(
            #"""
            {"auths": {"r.example": {"auth": "\#(Data("a:1".utf8).base64EncodedString())"},
            "r.example/team": {"auth": "\#(Data("b:2".utf8).base64EncodedString())"}}}
            """#, to: "auth.json")
        let store = CredentialStore(
            environment: ["REGISTRY_AUTH_FILE": folder.file("auth.json"), "HOME": folder.path],
            runner: runner)
        let deep = try await store.login(for: "r.example", below: RepositoryName("team/eu"))
        #expect(deep?.key == "r.example/team")
        #expect(deep?.credentials.user == "b")
        let other = try await store.login(for: "r.example", below: RepositoryName("other"))
        #expect(other?.key == "r.example")
    }

    @Test(arguments: [
        ("r.example", "r.example/web:1", "web"), ("r.example", "r.example/a/b", "a/b"),
        ("r.example/team", "r.example/team/web:1", "web"),
        ("r.example/team", "r.example/team/a/b@sha256:" + String(repeating: "a", count: 64), "a/b"),
        ("r.example/team", "r.example/teams/web", nil), ("r.example/team", "r.example/web", nil),
        ("r.example", "r.example:5000/web", nil), ("docker.io/team", "team/web", "web"),
        ("docker.io/team", "docker.io/team/web", "web"), ("r.example", "localhost:5051/web", nil),
    ]) func `of its images the repository below its path is known`(
        host: String, reference: String, repository: String?
    ) throws {
        #expect(
            try session(host).place.repository(of: ImageReference(reference)) == repository)
    }

    @Test func `images are named with its host and path`() throws {
        let session = try session("r.example/team")
        #expect(session.place.registryHost == "r.example/team")
        #expect(session.imageRewriter.image(meantBy: "r.example/team/web:2") == "web")
        #expect(session.imageRewriter.image(meantBy: "localhost:5051/web:2") == nil)
    }

    @Test func `an authority of our own is trusted for its registry only`() async throws {
        try folder.write("", to: ".config/containers/certs.d/r.example:5000/ca.crt")
        let path = folder.file(".config/containers/certs.d/r.example:5000/ca.crt")
        let store = CertificateStore(
            environment: ["HOME": folder.path], state: StateFolder(path: folder.file("state")))
        let curl = Curl(runner: runner, certificates: store)
        for (url, isTrusted) in [
            ("https://r.example:5000/v2/", true), ("https://other.example/v2/", false),
            ("http://r.example:5000/v2/", false),
        ] {
            runner.expectCurl("get-v2")
            _ = try await curl.send([HTTPRequest(.get, url)])
            #expect(
                try #require(runner.calls.last).inputText.contains("cacert = \"\(path)\"")
                    == isTrusted, "\(url)")
        }
    }

    @Test func `several authorities become one file, a certificate needs its key`() throws {
        let base = ".config/containers/certs.d/r.example"
        for (name, text) in [
            ("a.crt", "first"), ("b.crt", "second"), ("lonely.cert", ""), ("me.cert", ""),
            ("me.key", ""),
        ] { try folder.write(text, to: "\(base)/\(name)") }
        let store = CertificateStore(
            environment: ["HOME": folder.path], state: StateFolder(path: folder.file("state")))
        let found = try #require(try store.certificates(for: "r.example"))
        let bundle = try #require(found.authorities)
        #expect(try String(contentsOfFile: bundle, encoding: .utf8) == "first\nsecond")
        #expect(found.certificate?.hasSuffix("/me.cert") == true)
        #expect(found.key?.hasSuffix("/me.key") == true)
        #expect(try store.certificates(for: "../x") == nil)
        #expect(try store.certificates(for: "nobody.example") == nil)
    }

    @Test func `this machine is spoken to with TLS only where it has certificates`() throws {
        #expect(try session("localhost:5443").registryUsesTLS == false)
        #expect(try session("localhost:5443").registry.baseURL == "http://localhost:5443")
        try folder.write("", to: ".config/containers/certs.d/localhost:5443/ca.crt")
        #expect(try session("localhost:5443").registryUsesTLS)
        #expect(try session("r.example").registryUsesTLS)
    }

    @Test func `a push to it checks who it is`() async throws {
        let engine = Engine(.podman, runner: runner)
        runner.expect("podman", ["push", "--digestfile", "/x/d", "r.example/web:1"])
        _ = try await engine.push(
            "r.example/web:1", digestFile: "/x/d", deadline: .seconds(1), usesTLS: true)
    }

    @Test func `nothing of ours is pruned there, and that is an exit code of its own`()
        async throws
    {
        let session = try session("r.example/team")
        let error = await #expect(throws: DevClusterError.self) {
            try await RegistryPrune(session: session).run { _ in }
        }
        #expect(error?.code == .undecided)
        #expect(error?.message.contains("spec.registry.host is r.example/team") == true)
        #expect(runner.calls.isEmpty)
    }

    /// Recorded from containerd 1.6.20 behind Kubernetes 1.20.2.
    @Test func `a node that does not trust the registry is known by containerd's words`() {
        let words =
            #"failed to do request: Head "https://10.89.0.230:5000/v2/team/x/manifests/1": x509:"#
            + " certificate signed by unknown authority"
        #expect(PullFailure(message: words) == .untrusted)
    }
}
