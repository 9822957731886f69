import ChildProcess
import TestSupport
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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

    @Test func `encoding leaves it out`() throws {
        let invocation = Invocation("cat", ["x"], input: .secret(SecretTests.secret))
        let json = try JSONEncoder().encode(invocation)
        hides(String(decoding: json, as: UTF8.self))
        let decoded = try JSONDecoder().decode(Invocation.self, from: json)
        #expect(decoded == invocation.redacted)
        #expect(decoded.input == .secret(Data()))
    }

    @Test func `an error hides it even when the tool printed it`() async throws {
        let outcome = try await SystemRunner().run(SecretTests.leaky)
        #expect(outcome.errorText.contains("hunter2"))
        var error = try #require(throws: InvocationError.self) { try outcome.checked() }
        #expect(error.tail == "> <redacted>")
        error.invocation.arguments = []
        hides(error.command)
        hides("\(error)")
    }

    @Test func `a recording hides it even when the tool printed it`() async throws {
        let folder = try TemporaryFolder()
        let recorder = RecordingRunner(SystemRunner(), path: folder.file("runs"))
        var leaky = Invocation("cat", [], input: .secret(SecretTests.secret))
        #expect(try await recorder.run(leaky).output == SecretTests.secret)
        let recorded = try folder.text("runs")
        hides(recorded)
        #expect(recorded.contains("<redacted>"))
        // What a replay is asked for has the secret again, or another one.
        leaky.input = .secret(Data("other".utf8))
        let replay = try ReplayingRunner(path: folder.file("runs"))
        #expect(try await replay.run(leaky).succeeded)
    }
}
