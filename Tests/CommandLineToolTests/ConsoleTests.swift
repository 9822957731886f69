import ChildProcess
import Synchronization
import SystemLibraries
import Testing

@testable import CommandLineTool
@testable import Sessions
@testable import Verification
@testable import Vocabulary

/// Collects what a console writes.
private final class Written: Sendable {
    private let texts = Mutex<[Int32: String]>([:])

    var output: String { texts.withLock { $0[1] ?? "" } }
    var error: String { texts.withLock { $0[2] ?? "" } }

    func console(_ options: Console.Options = Console.Options()) -> Console {
        Console(options: options) { [self] descriptor, text in
            texts.withLock { $0[descriptor, default: ""] += text }
        }
    }
}

@Suite struct `The console` {
    private let written = Written()
    private static let hostile = "a\u{1B}[2J\u{1B}]0;owned\u{7}\r\u{9B}31mb\u{202E}c"
    private static let harmless =
        #"a\u{1b}[2J\u{1b}]0;owned\u{7}\u{d}\u{9b}31mb\u{202e}c"#

    private static let events: [ActivityEvent] = [
        .note("context kind-shop"), .started(step: 1, name: "build web"),
        .started(step: 2, name: "build api"), .progressed(step: 1, detail: "STEP 1/2"),
        .finished(step: 2, name: "build api", detail: "", duration: .milliseconds(250)),
        .warning("slow"),
        .finished(step: 1, name: "build web", detail: "aaaa", duration: .seconds(75)),
        .failed(step: 3, name: "push web", duration: .seconds(2)),
        .cancelled(step: 4, name: "push api", duration: .seconds(1)),
    ]

    @Test func `each finished step is one line with its duration`() {
        let console = written.console()
        Self.events.forEach(console.report)
        #expect(
            written.error == """
                · context kind-shop
                ✓ build api (0.3s)
                warning: slow
                ✓ build web: aaaa (1m 15s)
                ✗ push web (2.0s)
                – push api: cut short (1.0s)

                """)
        #expect(written.output == "")
    }

    @Test func `a look is drawn while it lasts, and leaves no line`() {
        let events: [ActivityEvent] = [
            .started(step: 1, name: "look at everything"),
            .looked(step: 1, name: "look at everything", duration: .seconds(9)),
        ]
        let console = written.console(Console.Options(isLive: true))
        console.report(events[0])
        #expect(written.error.hasPrefix("• look at everything"))
        console.report(events[1])
        #expect(!written.error.contains("✓"))
        let other = Written()
        let json = other.console(Console.Options(isJSON: true))
        events.forEach(json.report)
        #expect(other.output.contains(#""seconds":9,"state":"done""#))
    }

    @Test func `quiet leaves only warnings and errors`() {
        let console = written.console(Console.Options(isQuiet: true, isLive: true))
        Self.events.forEach(console.report)
        console.tick()
        console.show(ErrorReport(DevClusterError(.failed, "no")))
        #expect(written.error == "warning: slow\nerror: no\n")
    }

    @Test func `with JSON each event is a line on standard output`() {
        let console = written.console(Console.Options(isJSON: true))
        Self.events.forEach(console.report)
        #expect(
            written.output == """
                {"name":"build web","state":"started","type":"step"}
                {"name":"build api","state":"started","type":"step"}
                {"detail":"","name":"build api","seconds":0.25,"state":"done","type":"step"}
                {"message":"slow","type":"warning"}
                {"detail":"aaaa","name":"build web","seconds":75,"state":"done","type":"step"}
                {"name":"push web","seconds":2,"state":"failed","type":"step"}
                {"name":"push api","seconds":1,"state":"cancelled","type":"step"}

                """)
        #expect(written.error == "")
    }

    @Test func `on a terminal the running steps stand below and are drawn again`() {
        let console = written.console(Console.Options(isLive: true))
        console.report(.started(step: 1, name: "build web"))
        console.report(.progressed(step: 1, detail: "STEP 1/2"))
        console.report(
            .finished(step: 1, name: "build web", detail: nil, duration: .seconds(1)))
        #expect(
            written.error == """
                • build web (0.0s) 
                \u{1B}[1A\u{1B}[J• build web (0.0s) STEP 1/2
                \u{1B}[1A\u{1B}[J✓ build web (1.0s)

                """)
    }

    private func progress(
        _ workload: String, _ state: RolloutProgress.State, _ detail: String, of count: Int = 2
    ) -> RolloutProgress {
        RolloutProgress(workload: workload, state: state, detail: detail, seconds: 3, count: count)
    }

    @Test func `on a terminal the workloads that are open stand below their step`() {
        let console = written.console(Console.Options(isLive: true))
        console.report(.started(step: 1, name: "rollout of 2 workloads"))
        console.report(.rollout(step: 1, progress("deployment/web", .waiting, "0 of 1 available")))
        console.report(.rollout(step: 1, progress("job/x", .stuck, "ImagePullBackOff")))
        #expect(
            written.error.hasSuffix(
                "    deployment/web  0 of 1 available\n  ! job/x           ImagePullBackOff\n"))
        console.report(.rollout(step: 1, progress("deployment/web", .complete, "1/1")))
        #expect(written.error.contains("  deployment/web  1/1 (3.0s)\n"))
        #expect(written.error.hasSuffix("  ! job/x  ImagePullBackOff\n"))
    }

    @Test func `a table longer than the screen says how much is left out`() {
        let rows = (1...20).map { progress("job/\($0)", .waiting, "x", of: 20) }
        #expect(rolloutTable(rows).count == 13)
        #expect(rolloutTable(rows).last == "    … and 8 more")
    }

    @Test func `elsewhere there is a line for each workload that is done`() {
        let console = written.console()
        console.report(.started(step: 1, name: "rollout"))
        console.report(.rollout(step: 1, progress("deployment/web", .waiting, "0 of 1 available")))
        console.report(.rollout(step: 1, progress("deployment/web", .complete, "1/1")))
        console.report(.rollout(step: 1, progress("job/only", .complete, "completed", of: 1)))
        #expect(written.error == "  deployment/web  1/1 (3.0s)\n", "a single one is the step")
    }

    @Test func `in JSON each workload has lines of its own`() {
        let console = written.console(Console.Options(isJSON: true))
        var stuck = progress("job/x", .stuck, "ErrImagePull", of: 1)
        stuck.remedy = "push it"
        console.report(.rollout(step: 1, stuck))
        #expect(
            written.output == """
                {"count":1,"detail":"ErrImagePull","remedy":"push it","seconds":3,"state":"stuck",\
                "type":"rollout","workload":"job/x"}

                """)
    }

    @Test func `a step drawn live never takes more than one line`() {
        let console = written.console(Console.Options(isLive: true))
        console.report(.started(step: 1, name: "build"))
        console.report(
            .progressed(step: 1, detail: "one\ntwo " + String(repeating: "x", count: 300)))
        let last = written.error.split(separator: "\n").last ?? ""
        #expect(last.contains("one two x"))
        #expect(last.count < 100)
    }

    @Test func `verbose shows each child with its time and how it ended`() {
        let console = written.console(Console.Options(isVerbose: true))
        let invocation = Invocation("podman", ["push", "a b"])
        func outcome(_ exit: Outcome.Exit) -> Outcome {
            Outcome(invocation: invocation, exit: exit, duration: .milliseconds(133))
        }
        console.show(.success(outcome(.code(0))), invocation)
        console.show(.success(outcome(.code(125))), invocation)
        console.show(.failure(InvocationError(.timedOut, invocation)), invocation)
        #expect(
            written.error == """
                $ podman push 'a b'  (133 ms)
                $ podman push 'a b'  (133 ms, podman exited with code 125)
                $ podman push 'a b'  (podman was ended after 30 s (deadline))

                """)
        written.console().show(.success(outcome(.code(0))), invocation)
        #expect(written.error.split(separator: "\n").count == 3)
    }

    @Test func `a dry run prints pasteable commands, as text or as JSON`() {
        let invocation = Invocation(
            "kubectl", ["apply", "-f", "-"], input: .bytes(Data("kind: List\n".utf8)),
            effect: .changes)
        written.console().showPlanned(invocation)
        #expect(written.output == "kubectl apply -f - <<'EOF'\nkind: List\nEOF\n")
        let json = Written()
        json.console(Console.Options(isJSON: true)).showPlanned(invocation)
        #expect(
            json.output == #"{"command":"kubectl apply -f - <<'EOF'\nkind: List\nEOF","#
                + #""type":"command"}"# + "\n")
    }

    @Test func `nothing that a terminal would obey gets through from outside`() throws {
        let live = written.console(Console.Options(isVerbose: true))
        live.report(.note(Self.hostile))
        live.report(.warning(Self.hostile))
        live.report(
            .finished(step: 1, name: Self.hostile, detail: Self.hostile, duration: .zero))
        live.report(.failed(step: 1, name: Self.hostile, duration: .zero))
        live.show(
            ErrorReport(
                DevClusterError(
                    .failed, Self.hostile, hint: Self.hostile,
                    cause: InvocationError(
                        .failed(.code(1)), Invocation("kubectl", [Self.hostile]),
                        errorOutput: Data(Self.hostile.utf8)))))
        let pod = try judged("web", image: Self.hostile, verdict: .unknown, reason: Self.hostile)
        live.print(VerificationReport(containers: [pod]).text(plain))
        let seen = written.error + written.output
        #expect(seen.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isObeyed })
        #expect(written.error.hasPrefix("· \(Self.harmless)\nwarning: \(Self.harmless)\n"))
        #expect(written.output.contains("unknown: web/web: \(Self.harmless)"))
    }

    @Test func `a running step drawn live is as harmless`() {
        let console = written.console(Console.Options(isLive: true))
        console.report(.started(step: 1, name: "build"))
        console.report(.progressed(step: 1, detail: Self.hostile))
        #expect(written.error.hasSuffix("• build (0.0s) \(Self.harmless)\n"))
    }

    @Test func `with colour only our own colours are kept`() {
        let style = TextStyle(hasColor: true)
        let console = written.console(
            Console.Options(errorStyle: style, outputStyle: style))
        console.print(style.red("stale") + " \u{1B}[2J\u{1B}[5mx")
        #expect(written.output == "\u{1B}[31mstale\u{1B}[0m \\u{1b}[2J\\u{1b}[5mx\n")
    }
}

extension Unicode.Scalar {
    /// Whether a terminal obeys it, or shows what follows in another place.
    fileprivate var isObeyed: Bool {
        [.control, .format].contains(properties.generalCategory)
    }
}

@Suite struct `Text of others on a terminal` {
    private let hidden = "\u{9B}31m\u{202E}\u{2028}\u{200B}\u{7F}\u{1B}[2J\u{E0001}"

    @Test func `a JSON line holds no character that a terminal would obey, and the same text`()
        throws
    {
        struct Line: Codable, Equatable { var text: String }
        let written = Written()
        written.console(Console.Options(isJSON: true)).json(Line(text: "ä😀" + hidden))
        let line = written.output
        #expect(line.hasSuffix("}\n") && line.contains("ä😀"))
        #expect(line.dropLast().unicodeScalars.allSatisfy { terminalText("\($0)") == "\($0)" })
        #expect(
            try JSONDecoder().decode(Line.self, from: Data(line.utf8)) == Line(text: "ä😀" + hidden))
    }

    @Test func `a question shows what it is about, and obeys nothing in it`() {
        let asked = Question.shown("remove \(hidden)? [y/N] ")
        #expect(asked.hasPrefix("remove \\u{9b}31m\\u{202e}"))
        #expect(asked.hasSuffix("? [y/N] "))
        #expect(asked.unicodeScalars.allSatisfy { terminalText("\($0)") == "\($0)" })
    }

    @Test(arguments: [false, true]) func `a message of any length is shown by its beginning`(
        isJSON: Bool
    ) {
        let long = String(repeating: "\u{1B}[2J", count: 30_000)
        let written = Written()
        let console = written.console(Console.Options(isJSON: isJSON))
        console.report(.warning(long))
        let error = ErrorReport(
            DevClusterError(
                .failed, long, hint: long,
                cause: InvocationError(
                    .failed(.code(1)), Invocation("podman", []), errorOutput: Data(long.utf8))))
        console.show(error)
        console.json(error)
        #expect(written.output.utf8.count + written.error.utf8.count < 600_000)
        #expect((written.output + written.error).contains("characters more)"))
    }

    @Test func `a known credential is shown in no way`() {
        KnownSecrets.add("console-secret-\"4711\"")
        for options in [
            Console.Options(isVerbose: true), Console.Options(isJSON: true, isVerbose: true),
        ] {
            let written = Written()
            let console = written.console(options)
            let text = "curl said: console-secret-\"4711\""
            console.report(.warning(text))
            console.report(.note(text))
            console.print(text)
            console.json(["text": text])
            console.show(
                .success(Outcome(invocation: Invocation("curl", [text]))),
                Invocation("curl", [text]))
            console.show(ErrorReport(DevClusterError(.failed, text, hint: text)))
            #expect(!(written.output + written.error).contains("4711"))
            #expect((written.output + written.error).contains("curl said: <redacted>"))
        }
    }
}
