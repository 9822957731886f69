import ChildProcess
import SystemLibraries
import Testing

@Suite struct InvocationErrorTests {
    @Test(
        arguments: [
            (.notFound, "podman was not found in PATH"),
            (.notStarted(EACCES), "podman could not be started: permission denied"),
            (
                .notStarted(ENOENT),
                "podman could not be started: its interpreter or loader does not exist"
            ),
            (
                .unusablePath("/x", ENOENT),
                "podman could not be started: /x: no such file or directory"
            ),
            (.failed(.code(125)), "podman exited with code 125"),
            (.failed(.signal(9)), "podman was ended by signal 9 (KILL)"),
            (.failed(.signal(40)), "podman was ended by signal 40"),
            (.timedOut, "podman was ended after 30 s (deadline)"),
            (.cancelled, "podman was cancelled"),
            (.outputLimitExceeded, "podman was ended after printing more than 64 MiB"),
        ] as [(InvocationError.Reason, String)])
    func `an error is one sentence that names the tool`(
        reason: InvocationError.Reason, sentence: String
    ) {
        let error = InvocationError(reason, Invocation("podman", ["ps"]))
        #expect("\(error)" == sentence)
        #expect(error.command == "podman ps")
        #expect(error.tail == "")
    }

    @Test func `a missing file is not looked for in PATH`() {
        #expect("\(InvocationError(.notFound, Invocation("/a/b", [])))" == "/a/b does not exist")
    }

    @Test(arguments: [
        (Duration.milliseconds(250), "0.25 s"), (.milliseconds(1005), "1.005 s"),
        (.seconds(90), "90 s"), (.milliseconds(1500), "1.5 s"),
    ])
    func `a deadline is told in seconds`(deadline: Duration, text: String) {
        let error = InvocationError(.timedOut, Invocation("a", [], deadline: deadline))
        #expect("\(error)" == "a was ended after \(text) (deadline)")
    }

    @Test(arguments: [(5, "5 bytes"), (1024, "1 KiB"), (3 << 30, "3 GiB"), (1025, "1025 bytes")])
    func `an output limit is told in the unit that fits`(limit: Int, text: String) {
        let error = InvocationError(.outputLimitExceeded, Invocation("a", [], outputLimit: limit))
        #expect("\(error)" == "a was ended after printing more than \(text)")
    }

    private func tail(_ text: String) -> String {
        InvocationError(
            .failed(.code(1)), Invocation("a", []), errorOutput: Data(text.utf8)
        ).tail
    }

    @Test func `the tail is the last twenty lines`() {
        let lines = (1...100).map { "line \($0)" }
        #expect(
            tail(lines.joined(separator: "\n") + "\n\n")
                == lines.suffix(20).joined(separator: "\n"))
        #expect(tail("a\n\n \nb") == "a\nb")
    }

    @Test func `control characters in the tail are escaped`() {
        #expect(
            tail("\u{1b}[31mred\u{7}\u{85}x\u{9b}\u{202E}y")
                == "\\u{1b}[31mred\\u{7}\nx\\u{9b}\\u{202e}y")
        #expect(tail("10%\r50%\r100%\r\ndone\tit") == "10%\n50%\n100%\ndone\tit")
    }

    @Test func `the tail is at most four kilobytes and not cut inside a character`() {
        let long = String(repeating: "日", count: 100_000)
        #expect(tail(long).utf8.count <= 4096)
        #expect(tail(long).utf8.count > 4000)
        #expect(tail(long).hasPrefix("…日"))
        #expect(tail("start\n\(long)\nend") == "end")
        let lines = (1...20).map { "\($0) " + String(repeating: "x", count: 1000) }
        #expect(tail(lines.joined(separator: "\n")) == lines.suffix(4).joined(separator: "\n"))
    }

    @Test func `error output that is not text is shown as far as it goes`() {
        let error = InvocationError(
            .cancelled, Invocation("a", []), errorOutput: Data([0x61, 0xff, 0x62, 0]))
        #expect(error.tail == "a\u{FFFD}b\\u{0}")
    }
}
