import Arguments
import ChildProcess
import StateFiles
import SystemLibraries
import Testing
import Vocabulary

@testable import CommandLineTool

@Suite struct `An error as it is printed` {
    private let plain = TextStyle(hasColor: false)

    private func text(_ error: any Error) -> String {
        ErrorReport(error).text(plain, showsCommand: true)
    }

    private func failure(_ stderr: String, tool: String = "podman") -> InvocationError {
        InvocationError(
            .failed(.code(125)), Invocation(tool, ["push", "localhost:5001/web:a b"]),
            errorOutput: Data(stderr.utf8))
    }

    @Test(
        arguments: [
            (DevClusterError.Code.failed, "failed", Int32(1)), (.found, "found", 2),
            (.undecided, "undecided", 3), (.usage, "usage", 64), (.unavailable, "unavailable", 69),
            (.deadline, "deadline", 75), (.interrupted, "interrupted", 130),
        ])
    func `an error of the domain exits with the code of its class`(
        code: DevClusterError.Code, name: String, exitCode: Int32
    ) {
        let report = ErrorReport(DevClusterError(code, "it is so"))
        #expect(report.code == name)
        #expect(report.exitCode == exitCode)
        #expect(report.text(plain, showsCommand: true) == "error: it is so")
    }

    @Test(
        arguments: [
            (InvocationError.Reason.notFound, "unavailable", Int32(69)),
            (.notStarted(13), "unavailable", 69), (.failed(.code(1)), "failed", 1),
            (.failed(.signal(9)), "failed", 1), (.timedOut, "deadline", 75),
            (.cancelled, "interrupted", 130), (.outputLimitExceeded, "failed", 1),
            (.unusablePath("/x", 13), "failed", 1),
        ])
    func `an error of a child exits by what went wrong with it`(
        reason: InvocationError.Reason, name: String, exitCode: Int32
    ) {
        let report = ErrorReport(InvocationError(reason, Invocation("kubectl", ["get", "pods"])))
        #expect(report.code == name)
        #expect(report.exitCode == exitCode)
    }

    @Test func `a hint stands below the message`() {
        let error = DevClusterError(
            .failed, "the cluster 'shop' does not answer", hint: "devcluster up")
        #expect(
            text(error) == """
                error: the cluster 'shop' does not answer
                hint: devcluster up
                """)
    }

    @Test func `the tool's last lines and its command follow the message they explain`() {
        let error = DevClusterError(
            .failed, "the push of localhost:5001/web:1 failed", hint: "devcluster up",
            cause: failure("trying again\n\nconnection refused\n"))
        #expect(
            text(error) == """
                error: the push of localhost:5001/web:1 failed
                  | podman exited with code 125
                  | trying again
                  | connection refused
                  $ podman push 'localhost:5001/web:a b'
                hint: devcluster up
                """)
    }

    @Test func `a child's error speaks for itself`() {
        #expect(
            text(failure("no space left on device")) == """
                error: podman exited with code 125
                  | no space left on device
                  $ podman push 'localhost:5001/web:a b'
                """)
        #expect(
            text(InvocationError(.timedOut, Invocation("kind", ["get"], deadline: .seconds(60))))
                == """
                error: kind was ended after 60 s (deadline)
                  $ kind get
                hint: run it by hand to see where it hangs, or ask devcluster doctor
                """)
    }

    @Test(arguments: ["podman", "docker", "kind", "kubectl", "curl", "git"])
    func `a missing tool comes with the way to get it`(tool: String) {
        let report = ErrorReport(InvocationError(.notFound, Invocation(tool, [])))
        #expect(report.message == "\(tool) was not found in PATH")
        #expect(report.hint?.hasPrefix("install \(tool)") == true)
    }

    @Test func `wrong usage shows the command that explains it, or the usage line`() {
        #expect(
            text(UsageError("unexpected argument 'x'", hint: "devcluster help up")) == """
                error: unexpected argument 'x'
                hint: devcluster help up
                """)
        #expect(
            text(UsageError("unexpected argument 'x'", usage: "devcluster up [options]")) == """
                error: unexpected argument 'x'
                usage: devcluster up [options]
                """)
        #expect(text(UsageError("x")) == "error: x")
        #expect(ErrorReport(UsageError("x")).exitCode == 64)
    }

    @Test func `an error of any other type fails with its own words`() {
        struct Odd: Error, CustomStringConvertible { var description: String { "odd" } }
        #expect(text(Odd()) == "error: odd")
        #expect(ErrorReport(Odd()).exitCode == 1)
        #expect(ErrorReport(CancellationError()).exitCode == 130)
    }

    @Test func `only 'error' is coloured, and what the tool said is dim`() {
        let error = DevClusterError(.failed, "no", cause: failure("why"))
        let text = ErrorReport(error).text(TextStyle(hasColor: true), showsCommand: false)
        #expect(
            text == """
                \u{1B}[31merror:\u{1B}[0m no
                \u{1B}[2m  | \u{1B}[0mpodman exited with code 125
                \u{1B}[2m  | \u{1B}[0mwhy
                """)
    }

    @Test func `a secret of the command is not printed`() {
        let invocation = Invocation(
            "curl", ["--config", "-"], input: .secret(Data("user = \"me:hunter2\"".utf8)))
        let error = InvocationError(.failed(.code(6)), invocation)
        #expect(!text(error).contains("hunter2"))
        #expect(text(error).hasSuffix("  $ curl --config - < '<redacted>'"))
    }

    @Test func `as JSON it has code, message, hint, details, command and exit code`() throws {
        let error = DevClusterError(.failed, "no", hint: "devcluster up", cause: failure("why"))
        let data = try JSONEncoder.state.encode(ErrorReport(error))
        #expect(
            String(decoding: data, as: UTF8.self) == """
                {"code":"failed","command":"podman push 'localhost:5001/web:a b'",\
                "details":"podman exited with code 125\\nwhy","exitCode":1,\
                "hint":"devcluster up","message":"no"}
                """)
    }
}
