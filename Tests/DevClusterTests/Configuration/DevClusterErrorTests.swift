import Testing

@testable import Vocabulary

@Suite struct `An error of the domain` {
    @Test func `has the exit code that the formats promise`() {
        let codes: [DevClusterError.Code] = [
            .failed, .found, .undecided, .usage, .unavailable, .deadline, .interrupted,
        ]
        #expect(codes.map(\.exitCode) == [1, 2, 3, 64, 69, 75, 130])
        #expect(Set(codes.map(\.name)).count == codes.count)
    }

    @Test func `reads as message and hint`() {
        let error = DevClusterError(.failed, "node kind-worker is stopped", hint: "devcluster up")
        #expect("\(error)" == "node kind-worker is stopped (devcluster up)")
        #expect("\(DevClusterError(.failed, "a"))" == "a")
    }

    @Test func `shows text from outside without effect on the terminal`() {
        let hostile = "a\"b\\\u{1B}[2J\n\t\u{202E}\u{2028}é😀"
        #expect(
            ShownText.quoted(hostile)
                == #""a\"b\\\u{1b}[2J\n\t\u{202e}\u{2028}é😀""#)
        #expect(ShownText.line("a\u{7}b") == "a\\u{7}b")
        #expect(ShownText.quoted(String(repeating: "x", count: 100), limit: 3) == "\"xxx…\"")
    }
}
