import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

/// Registries of others, which may want a password.
struct RemoteRegistryTests {
    private let folder: TemporaryFolder
    private let runner = ScriptedRunner()
    private let name = ManifestName(repository: "team/web", reference: "1")
    /// What the recorded refusal asks for.
    private let challenged = #"Bearer realm="rec",service="rec""#

    init() throws {
        folder = try TemporaryFolder()
    }

    private func registry(_ host: String) -> RemoteRegistry {
        RemoteRegistry(
            host: host, curl: Curl(runner: runner),
            credentials: CredentialStore(
                environment: [
                    "HOME": folder.path, "REGISTRY_AUTH_FILE": folder.file("auth.json"),
                ], runner: runner))
    }

    /// Logs in to a host, as podman writes it.
    private func logIn(_ host: String) throws {
        try folder.write(
            #"{"auths": {"\#(host)": {"auth": "dXNlcjpzZWNyZXQ="}}}"#, to: "auth.json")
    }

    /// Expects a curl run for one URL, and returns its settings by name.
    private func expectCurl(_ url: String, _ recording: String, replacing: [String: String] = [:]) {
        runner.expect(
            where: { invocation in
                invocation.tool == "curl" && invocation.inputText.contains("url = \"\(url)\"")
            }, named: url, times: 1
        ) { invocation in
            let text = try Fixture.text("curl-7.88.1-\(recording).txt")
            let changed = text.replacing(replacing)
            // The header's size follows from the text that was put in.
            let size =
                changed.utf8.firstRange(of: "\r\n\r\n".utf8)
                .map { changed.utf8.distance(from: changed.startIndex, to: $0.upperBound) } ?? 0
            let line = try #require(changed.range(of: "\nMARK "))
            let words = changed[line.upperBound...].split(separator: " ")
            let answer = changed[..<line.lowerBound] + "\nMARK \(words[0]) \(words[1]) \(size) \n"
            return try CurlScript(invocation).outcome([Data(answer.utf8)])
        }
    }

    @Test func `a registry without a lock is asked without a password`() async throws {
        try logIn("quay.example")
        expectCurl("https://quay.example/v2/", "get-v2")
        expectCurl("https://quay.example/v2/team/web/manifests/1", "head-200")
        let client = try await registry("quay.example").client(for: ["team/web"])
        #expect(try await client.digests(of: [name])[name]?.value?.short == "094d1661e83f")
        #expect(runner.calls.allSatisfy { !$0.inputText.contains("Authorization") })
    }

    @Test func `a login of the engine opens a registry with a password`() async throws {
        try logIn("quay.example")
        expectCurl(
            "https://quay.example/v2/", "get-401", replacing: [challenged: #"Basic realm="r""#])
        expectCurl("https://quay.example/v2/team/web/manifests/1", "head-200")
        let client = try await registry("quay.example").client(for: ["team/web"])
        _ = try await client.digests(of: [name])
        let asked = try #require(runner.calls.last)
        #expect(asked.inputText.contains("Authorization: Basic dXNlcjpzZWNyZXQ="))
        #expect(!asked.arguments.joined().contains("dXNlcjpz"))
    }

    @Test func `without a login the refusal makes the verdict unknown`() async throws {
        expectCurl("https://quay.example/v2/", "get-401")
        expectCurl("https://quay.example/v2/team/web/manifests/1", "head-401")
        let client = try await registry("quay.example").client(for: ["team/web"])
        #expect(
            try await client.digests(of: [name])[name]
                == .unknown("the registry refuses access (HTTP 401)"))
    }

    /// A guess, after distribution's token specification: the lab has no token server.
    @Test func `a token is fetched for each repository, with the login`() async throws {
        try logIn("https://index.docker.io/v1/")
        let challenge =
            #"Bearer realm="https://auth.docker.io/token",service="registry.docker.io""#
        expectCurl(
            "https://registry-1.docker.io/v2/", "get-401",
            replacing: [challenged: challenge])
        expectCurl(
            "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Ateam%2Fweb%3Apull",
            "get-v2", replacing: ["{}": #"{"token": "t0ken"}"#])
        expectCurl("https://registry-1.docker.io/v2/team/web/manifests/1", "head-200")
        let client = try await registry("docker.io").client(for: ["team/web"])
        _ = try await client.digests(of: [name])
        #expect(runner.calls[1].inputText.contains("Authorization: Basic dXNlcjpzZWNyZXQ="))
        #expect(runner.calls[2].inputText.contains("Authorization: Bearer t0ken"))
    }

    private let tokenServer =
        "https://auth.example/token?service=s&scope=repository%3Ateam%2Fweb%3Apull"

    /// What the registry at quay.example is said to answer, when its token server answers so.
    private func answer(token recording: String, _ body: String = "{}") async throws
        -> RegistryAnswer<Digest>?
    {
        expectCurl(
            "https://quay.example/v2/", "get-401",
            replacing: [challenged: #"Bearer realm="https://auth.example/token",service="s""#])
        expectCurl(tokenServer, recording, replacing: ["{}": body])
        expectCurl("https://quay.example/v2/team/web/manifests/1", "head-401")
        let client = try await registry("quay.example").client(for: ["team/web"])
        return try await client.digests(of: [name])[name]
    }

    @Test(arguments: [
        ("get-404", "answers HTTP 404"), ("get-v2", "sends no token"),
        ("get-html", "sends no token"),
        ("unresolved", "does not answer: curl error 6"),
    ]) func `a token server that gives none is named, not the registry`(
        recording: String, words: String
    ) async throws {
        guard case .unknown(let reason)? = try await answer(token: recording) else {
            Issue.record("it was not unknown")
            return
        }
        #expect(
            reason.hasPrefix("the token server of the registry, https://auth.example/token, "))
        #expect(reason.contains(words))
    }

    @Test(arguments: [#"a\r\nX-Other: b"#, #"a\u0000b"#, "a b", "", "é"])
    func `a token that cannot be sent is none`(token: String) async throws {
        let found = try await answer(token: "get-v2", #"{"token": "\#(token)"}"#)
        guard case .unknown(let reason)? = found else {
            Issue.record("it was not unknown: \(String(describing: found))")
            return
        }
        #expect(reason.contains(token.isEmpty ? "refuses access" : "sends no token"))
        #expect(runner.calls.allSatisfy { !$0.inputText.contains("X-Other") })
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "1e300", "0"])
    func `a token may be good for any time`(seconds: String) async throws {
        let body = #"{"token": "t0ken", "expires_in": \#(seconds)}"#
        _ = try await answer(token: "get-v2", body)
        #expect(runner.calls.last?.inputText.contains("Authorization: Bearer t0ken") == true)
    }

    @Test func `a password is sent to no token server that others can listen to`() async throws {
        try logIn("quay.example")
        expectCurl(
            "https://quay.example/v2/", "get-401",
            replacing: [challenged: #"Bearer realm="http://auth.example/token""#])
        let client = try await registry("quay.example").client(for: ["team/web"])
        #expect(client.authorizations.isEmpty)
        #expect(runner.calls.count == 1)
    }

    @Test func `only this machine is spoken to without TLS`() async throws {
        expectCurl("http://localhost:5000/v2/", "get-v2")
        _ = try await registry("localhost:5000").client(for: [])
    }

    @Test func `a credential helper is asked over its standard input`() async throws {
        try folder.write(#"{"credHelpers": {"quay.example": "pass"}}"#, to: "auth.json")
        runner.expect(
            "docker-credential-pass", ["get"],
            returning: .ok(#"{"ServerURL": "quay.example", "Username": "u", "Secret": "s"}"#))
        let store = try #require(registry("quay.example").credentials)
        #expect(
            try await store.login(for: "quay.example")?.credentials
                == RegistryCredentials(user: "u", password: "s"))
        #expect(runner.calls[0].inputText == "quay.example")
    }

    @Test(arguments: [
        "", "{", #"{"auths": {"quay.example": {"auth": "***"}}}"#,
        #"{"auths": {"quay.example": {}}}"#, #"{"credHelpers": {"quay.example": "../bin/sh"}}"#,
    ]) func `a file that holds no login is passed over`(text: String) async throws {
        try folder.write(text, to: "auth.json")
        #expect(
            try await #require(registry("quay.example").credentials)
                .login(for: "quay.example") == nil)
    }

    @Test func `a challenge is read with and without quotes`() {
        let challenge = AuthChallenge(#"Bearer realm="https://a/t", service=b,scope="x,y""#)
        #expect(challenge.scheme == "bearer")
        #expect(
            challenge.parameters == ["realm": "https://a/t", "service": "b", "scope": "x,y"])
        #expect(AuthChallenge("").scheme == "")
    }
}
