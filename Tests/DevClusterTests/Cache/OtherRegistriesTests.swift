import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Registries

struct OtherRegistriesTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }
    private static let busybox = "docker.io/library/busybox:1.36"

    init() throws {
        sample = try SampleSession()
    }

    private func confirm(_ names: String...) async throws -> Set<String> {
        try await OtherRegistries(session: sample.session).confirm(Set(names))
    }

    @Test func `what a registry serves is confirmed`() async throws {
        runner.expectCurl("get-v2")
        runner.expectCurl("head-200")
        #expect(try await confirm(Self.busybox) == [Self.busybox])
        let asked = try CurlScript(runner.calls[1]).requests.map(\.url)
        #expect(asked == ["https://registry-1.docker.io/v2/library/busybox/manifests/1.36"])
    }

    @Test func `a digest is asked for as one`() async throws {
        runner.expectCurl("get-v2")
        runner.expectCurl("head-404")
        let name = "ghcr.io/acme/web@\(SampleNode.webDigest)"
        #expect(try await confirm(name).isEmpty)
        let asked = try CurlScript(runner.calls[1]).requests.map(\.url)
        #expect(asked == ["https://ghcr.io/v2/acme/web/manifests/\(SampleNode.webDigest)"])
    }

    @Test(arguments: ["head-401", "head-500", "unresolved", "refused", "head-html"])
    func `silence and refusals confirm nothing`(answer: String) async throws {
        runner.expectCurl("get-v2")
        runner.expect("curl", times: nil) { invocation in
            try CurlScript(invocation).outcome([
                try Fixture.data("curl-7.88.1-\(answer).txt")
            ])
        }
        #expect(try await confirm(Self.busybox).isEmpty)
    }

    @Test func `a registry on the host's loopback is not the node's`() async throws {
        #expect(try await confirm("localhost:5999/web:1", "127.0.0.1:80/a:1").isEmpty)
        #expect(runner.calls.isEmpty)
    }

    @Test func `a registry that asks for a login is asked without one`() async throws {
        try sample.folder.write(
            #"{"auths": {"docker.io": {"auth": "dTpzZWNyZXQ="}}}"#, to: "auth.json")
        let session = try SampleSession(
            runner: runner,
            environment: ["REGISTRY_AUTH_FILE": sample.folder.file("auth.json")]
        ).session
        runner.expect("curl", times: nil) { invocation in
            let script = try CurlScript(invocation)
            let recording = script.requests[0].isHead ? "head-401" : "get-401"
            // A guess: a token service that is reached by TLS, as public registries have it.
            let text = try Fixture.text("curl-7.88.1-\(recording).txt")
                .replacing("realm=\"rec\"", with: "realm=\"https://auth.docker.io/token\"")
                // The size of the headers.
                .replacing(" 401 265", with: " 401 290")
            return script.outcome([Data(text.utf8)])
        }
        #expect(try await OtherRegistries(session: session).confirm([Self.busybox]).isEmpty)
        #expect(runner.calls.contains { $0.inputText.contains("auth.docker.io/token?") })
        #expect(!runner.calls.contains { $0.inputText.contains("Authorization") })
    }
}
