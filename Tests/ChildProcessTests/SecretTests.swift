import SystemLibraries
import TestSupport
import Testing

@testable import ChildProcess

/// A secret input reaches the child, and nothing else.
@Suite struct SecretTests {
    static let secret = Data("header = \"Authorization: Bearer hunter2-hunter2\"\n".utf8)
    /// Repeats its input as tools do when they are verbose, fails and says why.
    static let leaky = shell(
        "input=$(cat); echo \"got: $input\"; echo \"> Authorization: Bearer hunter2-hunter2\" >&2; exit 1",
        input: .secret(secret))

    private func hides(
        _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let base64 = SecretTests.secret.base64EncodedString().prefix(20)
        #expect(!text.contains("hunter2"), sourceLocation: sourceLocation)
        #expect(!text.contains(base64), sourceLocation: sourceLocation)
        #expect(!text.isEmpty, sourceLocation: sourceLocation)
    }

    @Test func `the child gets it`() async throws {
        let outcome = try await SystemRunner().run(
            Invocation("cat", [], input: .secret(SecretTests.secret)))
        #expect(outcome.output == SecretTests.secret)
    }

    @Test func `an input that is partly secret is shown without that`() async throws {
        let input = Invocation.Input.partlySecret(
            Data("name: a\nvalue: hunter2-hunter2\n".utf8), shown: Data("name: a\n".utf8),
            secrets: [Data("hunter2-hunter2".utf8)])
        let run = shell("cat; echo 'odd value hunter2-hunter2' >&2; exit 1", input: input)
        let outcome = try await SystemRunner().run(Invocation("cat", [], input: input))
        #expect(String(decoding: outcome.output, as: UTF8.self).contains("value: hunter2-hunter2"))
        #expect(Invocation("cat", [], input: input).shellQuoted == "cat <<'EOF'\nname: a\nEOF")
        let failed = try await SystemRunner().run(run)
        let error = try #require(throws: InvocationError.self) { try failed.checked() }
        #expect(error.errorText.contains("odd value"))
        hides(error.errorText)
        hides("\(input)")
    }

    @Test func `descriptions and dumps hide it`() {
        var dumped = ""
        dump(SecretTests.leaky, to: &dumped)
        // The script itself names the secret; only the input is meant here.
        var input = ""
        dump(SecretTests.leaky.input, to: &input)
        hides(input)
        hides("\(SecretTests.leaky.input)")
        hides(String(reflecting: SecretTests.leaky.input))
        hides(Invocation("cat", [], input: .secret(SecretTests.secret)).shellQuoted)
        #expect(dumped.contains("<redacted>"))
    }

    @Test func `an error hides it even when the tool printed it`() async throws {
        let outcome = try await SystemRunner().run(SecretTests.leaky)
        #expect(String(decoding: outcome.errorOutput, as: UTF8.self).contains("hunter2"))
        var error = try #require(throws: InvocationError.self) { try outcome.checked() }
        #expect(error.tail == "> <redacted>")
        error.invocation.arguments = []
        hides(error.command)
        hides("\(error)")
    }

    @Test(arguments: [
        "the token is tok/en+value-8c1f, he said", "https://h/v2/?t=tok%2Fen%2Bvalue-8c1f&x",
        "https://h/v2/?t=tok%2fen%2bvalue-8c1f", "Basic dXNlcjp0b2svZW4rdmFsdWUtOGMxZg==",
        "dG9rL2VuK3ZhbHVlLThjMWY=", "x dDp0b2svZW4rdmFsdWUtOGMxZg x", "tok/en+value-8c1f",
        "e3Rvay9lbit2YWx1ZS04YzFmfQ==",
    ]) func `a known credential is blanked wherever it stands, also encoded`(text: String) {
        KnownSecrets.add("tok/en+value-8c1f")
        let clean = KnownSecrets.blanked(text)
        #expect(clean.contains("<redacted>"))
        for part in ["value-8c1f", "dmFsdWUtOGMx", "ZhbHVlLThj", "2YWx1ZS04YzF"] {
            #expect(!clean.contains(part))
        }
        var error = InvocationError(
            .failed(.code(1)), Invocation("other", []), errorOutput: Data(text.utf8))
        #expect(error.tail == error.errorText)
        #expect(!error.tail.contains("value-8c1f"))
        error.errorOutput = Data()
        #expect(error.lastWords == nil)
    }

    @Test func `what is cut off of a long credential is blanked too`() {
        let token = (0..<40).map { "part\($0)" }.joined()
        KnownSecrets.add(token)
        let text = "curl: bad header: Bearer \(token.prefix(70))"
        #expect(KnownSecrets.blanked(text) == "curl: bad header: Bearer <redacted>")
    }

    @Test func `a password in a proxy's URL is known from the environment`() {
        KnownSecrets.addPasswords(ofURLsIn: ["http://me:pw%20of%20proxy@proxy:3128/", "http://a:1"])
        #expect(KnownSecrets.blanked("407 for 'pw of proxy'") == "407 for '<redacted>'")
        #expect(KnownSecrets.blanked("http://a:1/") == "http://a:1/")
    }

    @Test func `a token is blanked without its header's name, in the words of the tool`()
        async throws
    {
        let outcome = try await SystemRunner().run(
            shell(
                "cat >/dev/null; echo \"curl: option hunter2-hunter2 unknown\" >&2; exit 2",
                input: .secret(SecretTests.secret)))
        #expect(outcome.lastWords == "curl: option <redacted> unknown")
    }

    /// Work that grew with the square of the length would take hours here.
    @Test(.timeLimit(.minutes(1))) func `blanking a long text takes time in proportion to it`() {
        var patterns = SecretPatterns()
        patterns.insertAllForms(of: String(repeating: "a", count: 200) + "b")
        patterns.insertAllForms(of: "://" + String(repeating: "://", count: 50) + "x")
        for text in [
            String(repeating: "a", count: 1 << 18), String(repeating: "://", count: 1 << 17),
        ] {
            #expect(!patterns.blanked(Data(text.utf8)).isEmpty)
        }
    }
}
