import ChildProcess
import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import CommandLineTool

@Suite struct `The built executable, as scripts use it` {
    private let tool: BuiltTool

    init() throws {
        tool = try BuiltTool()
    }

    @Test func `with JSON the last line is the result with its exit code`() async throws {
        let outcome = try await tool.run("pf", "list", "--json")
        #expect(
            outcome.text == #"{"command":"pf list","exitCode":0,"report":{"forwards":[]},"#
                + #""type":"result","version":1}"# + "\n")
        let result = try #require(try await tool.run("config", "view", "--json").jsonLines.last)
        #expect(result["type"]?.string == "result")
        #expect(result["command"]?.string == "config view")
        #expect(result["report"]?["values"]?.array?.first?["path"]?.string == "metadata.name")
    }

    @Test func `with JSON an error is the result, and is still told on standard error`()
        async throws
    {
        let outcome = try await tool.run("up", "--json")
        let result = try #require(try outcome.jsonLines.last)
        #expect(outcome.exit == .code(69))
        #expect(result["type"]?.string == "result")
        #expect(result["command"]?.string == "up")
        #expect(result["exitCode"]?.integer == 69)
        #expect(result["report"] == nil)
        #expect(result["error"]?["code"]?.string == "unavailable")
        #expect(result["error"]?["message"]?.string == "'podman' or 'docker' is not installed")
        #expect(result["error"]?["hint"]?.string?.hasPrefix("install podman") == true)
        #expect(outcome.errorText.hasPrefix("error: 'podman' or 'docker' is not installed\n"))
    }

    @Test func `with JSON a command line that cannot be parsed has a result too`() async throws {
        let outcome = try await tool.run("--json", "uppp")
        let result = try #require(try outcome.jsonLines.last)
        #expect(outcome.exit == .code(64))
        #expect(result["exitCode"]?.integer == 64)
        #expect(result["error"]?["code"]?.string == "usage")
    }

    @Test func `with JSON warnings and steps come before the result`() async throws {
        try tool.install("podman", "exit 3")
        let outcome = try await tool.run(
            "down", "--json", "--dry-run", environment: ["DEVCLUSTER_NAMESPCE": "x"])
        let lines = try outcome.jsonLines
        #expect(lines.first?["type"]?.string == "warning")
        #expect(lines.last?["type"]?.string == "result")
        #expect(lines.last?["error"]?["code"]?.string == "unavailable")
        #expect(outcome.exit == .code(69))
    }

    @Test func `a failed child is shown with its last lines and its command`() async throws {
        try tool.install("podman", "printf 'cannot \\033[2Jreach it\\n' >&2; exit 125")
        let outcome = try await tool.run("down")
        #expect(outcome.exit == .code(69))
        #expect(
            outcome.errorText == """
                · context kind-devcluster, namespace default
                error: podman does not work
                  | podman exited with code 125
                  | cannot \\u{1b}[2Jreach it
                  $ podman ps --all --filter label=io.x-k8s.kind.cluster=devcluster --format \
                '{{.Names}}'
                hint: try 'podman info'; a service may have to be started, or you may not be \
                allowed to use it

                """)
    }

    @Test func `down without a cluster deletes nothing and asks nothing`() async throws {
        try tool.install("podman", "exit 0")
        let outcome = try await tool.run("down")
        #expect(outcome.exit == .code(0))
        #expect(outcome.text == "nothing to delete: there is no cluster 'devcluster'\n")
    }

    @Test func `a question without a terminal is refused, with the flag that answers it`()
        async throws
    {
        let outcome = try await tool.run("pf", "cleanup", "--foreign")
        #expect(outcome.exit == .code(1))
        #expect(
            outcome.errorText == """
                error: this needs a yes: end the port-forwards that others started?
                hint: there is no terminal to ask at; say it with --yes

                """)
    }

    @Test func `verbose shows each child with its duration`() async throws {
        try tool.install("podman", "exit 0")
        let outcome = try await tool.run("down", "-v")
        let lines = outcome.errorText.split(separator: "\n")
        #expect(
            lines.contains { $0.hasPrefix("$ podman ps --all ") && $0.hasSuffix(" ms)") },
            "\(outcome.errorText)")
    }

    @Test func `a cluster of ours with a registry of others is refused with exit 3`() async throws {
        try tool.install("podman", "exit 0")
        try tool.write(
            """
            {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
             "spec": {"registry": {"host": "registry.example.com"}}}
            """, to: "devcluster.json")
        let outcome = try await tool.run("up")
        #expect(outcome.exit == .code(3))
        #expect(
            outcome.errorText.hasSuffix(
                "error: 'devcluster up' needs devcluster's own registry: spec.registry.host is"
                    + " registry.example.com, which others look after\n"))
    }

    @Test(arguments: [("INT", Int32(130)), ("TERM", 143)])
    func `an interrupt ends the children first, and the exit code tells the signal`(
        signal: String, exitCode: Int32
    ) async throws {
        // A podman that never answers, and has its parent interrupted at once: also a signal that
        // comes before anybody listens must not be lost.
        try tool.install(
            "podman",
            """
            echo $$ > "$DEVCLUSTER_STATE.pid"
            kill -\(signal) $PPID
            /bin/sleep 600
            """)
        let outcome = try await tool.run("down")
        #expect(outcome.exit == .code(exitCode))
        #expect(
            outcome.errorText.hasSuffix(
                "error: interrupted; running the same command again goes on from here\n"))
        #expect(outcome.duration < .seconds(500))
        let text = try tool.folder.text("state.pid")
        let pid = try #require(Int32(text.split(separator: "\n").first ?? ""))
        #expect(ProcessIdentity(pid: pid) == nil)
    }

    @Test func `a reader that goes away does not end it half-way`() async throws {
        let outcome = try await SystemRunner().run(
            Invocation(
                "/bin/sh",
                ["-c", #"{ "$0" --help; echo "$?" >&2; } | true"#, ExecutableUnderTest.path]))
        #expect(outcome.errorText == "0\n")
    }

    @Test(arguments: ["--help", "--version", "completion bash", "config view --config x.json"])
    func `a result that cannot be written is no success`(words: String) async throws {
        try tool.write(
            #"{"apiVersion": "devcluster.dev/v1", "kind": "DevCluster", "spec": {}}"#, to: "x.json")
        let outcome = try await SystemRunner().run(
            Invocation(
                "/bin/sh",
                ["-c", #""$0" "$@" >/dev/full; echo "$?" >&2"#, ExecutableUnderTest.path]
                    + words.split(separator: " ").map(String.init),
                directory: tool.folder.file("project")))
        #expect(
            outcome.errorText.hasSuffix(
                "error: the result could not be written to standard output:"
                    + " no space left on device\n1\n"))
    }

    #if os(Linux)
        @Test func `what the caller closed is not what is opened next`() async throws {
            try tool.install(
                "podman",
                """
                for n in 0 1 2; do /bin/readlink /proc/$PPID/fd/$n; done >"$DEVCLUSTER_STATE.fds"
                exit 1
                """)
            _ = try await SystemRunner().run(
                Invocation(
                    "/bin/sh",
                    ["-c", #"exec "$0" down <&- >&- 2>&-"#, ExecutableUnderTest.path],
                    environment: [
                        "PATH": tool.folder.file("bin"), "HOME": tool.folder.file("home"),
                        "DEVCLUSTER_STATE": tool.folder.file("state"),
                    ], directory: tool.folder.file("project")))
            let files = try tool.folder.text("state.fds")
            #expect(files == "/dev/null\n/dev/null\n/dev/null\n")
        }
    #endif

    @Test func `a reader who is slow, on a pipe that does not wait, gets all of it`() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        #expect(fcntl(writer, F_SETFL, O_NONBLOCK) == 0)
        let text = String(repeating: "x", count: 1_000_000)
        Thread.detachNewThread {
            write(writer, text)
            close(writer)
        }
        let all = try FileHandle(fileDescriptor: reader, closeOnDealloc: true).readToEnd()
        #expect(all?.count == text.utf8.count)
    }
}
