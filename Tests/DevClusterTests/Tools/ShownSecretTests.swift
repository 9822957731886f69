import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

/// What tools say reaches messages without the credentials that are known.
struct ShownSecretTests {
    private let runner = ScriptedRunner()

    @Test func `a text that is cut shows no part of a credential`() {
        let token = "shown-secret-" + String(repeating: "4711", count: 20)
        KnownSecrets.add(token)
        let text = String(repeating: "x", count: 390) + token
        #expect(ShownText.line(text).hasSuffix("x<redacted>"))
        #expect(!ShownText.quoted("say " + token).contains("4711"))
    }

    @Test func `curl's own words carry no header and no token into an error`() async throws {
        let token = "curl-token-0815-" + String(repeating: "q", count: 30)
        runner.expect(where: { $0.tool == "curl" }, named: "curl that fails") { _ in
            .failure(
                2, stderr: "curl: (2) bad option\nrejected header 'Bearer \(token)' \u{1B}[2J\n")
        }
        var request = HTTPRequest(.get, "https://r.example/v2/")
        request.headers = ["Authorization: Bearer \(token)"]
        let error = await #expect(throws: DevClusterError.self) {
            try await Curl(runner: runner).send([request])
        }
        #expect(error?.hint == "rejected header 'Bearer <redacted>' \\u{1b}[2J")
        #expect(!"\(String(describing: error))".contains("0815"))
    }

    @Test func `a password of a login is known from the moment it is read`() {
        let login = RegistryCredentials(user: "me", password: "login-password-0816")
        let error = InvocationError(
            .failed(.code(125)), Invocation("podman", ["push", "r.example/web"]),
            errorOutput: Data("Error: login-password-0816 and \(login.basic)\n".utf8))
        #expect(!error.tail.contains("0816"))
        #expect(!error.tail.contains(Data("login-password".utf8).base64EncodedString().prefix(12)))
        #expect(error.tail.hasPrefix("Error: <redacted> and Basic "))
    }

    private func refusal(of secret: JSONValue, _ recording: String) throws -> String {
        let invocation = Invocation("kubectl", ["apply", "-f", "-"], input: try .objects(secret))
        let said = try Fixture.text("kubectl-1.32.4-kubernetes-1.20.2-apply-\(recording).txt")
        return Outcome(
            invocation: invocation, exit: .code(1), errorOutput: Data(said.utf8)
        ).errorText
    }

    @Test func `what the API cites of a Secret that it cannot decode is not shown`() throws {
        let text = try refusal(
            of: [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"],
                "stringData": [
                    "password": "correct-horse-battery-staple-and-more", "pin": 471147,
                    "token": "another-long-secret-token-that-is-cut-somewhere",
                ],
            ], "undecodable")
        #expect(text.contains("v1.Secret.StringData: ReadString: expects"))
        for value in ["horse", "471147", "another-long"] { #expect(!text.contains(value)) }
    }

    @Test func `what a Secret cannot be changed to is not shown`() throws {
        let key =
            "-----BEGIN KEY-----\nMIIB & \"quoted\" <part>\nthird line of key\n-----END KEY-----\n"
        let secret: JSONValue = [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s3"],
            "data": ["bad": "not base64 at all"], "stringData": ["key": .string(key)],
        ]
        let text = try refusal(of: secret, "undecodable-patch")
        #expect(text.hasSuffix("error decoding from json: illegal base64 data at input byte 3\n"))
        for value in ["base64 at all", "third line", "MIIB", "quoted"] {
            #expect(!text.contains(value))
        }
        // Also where nothing says that it is cited.
        let said = try Fixture.text(
            "kubectl-1.32.4-kubernetes-1.20.2-apply-undecodable-patch.txt"
        ).replacing("Invalid value", with: "refused")
        let outcome = Outcome(
            invocation: Invocation("kubectl", [], input: try .objects(secret)), exit: .code(1),
            errorOutput: Data(said.utf8))
        for value in ["base64 at all", "third line", "MIIB", "quoted"] {
            #expect(!outcome.errorText.contains(value))
        }
    }
}
