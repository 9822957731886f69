import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import Sessions

/// What a kubectl prints that does not keep within bounds.
struct LineReaderTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `lines are put together from pieces`() {
        var reader = LineReader(limit: 100)
        #expect(reader.take(bytes("a\nb")) == ["a"])
        #expect(reader.take(bytes("c\n\nd")) == ["bc", ""])
        #expect(reader.end() == "d")
        #expect(reader.end() == nil)
    }

    @Test func `of a line that is too long the beginning is kept`() {
        var reader = LineReader(limit: 4)
        #expect(reader.take(bytes("123")).isEmpty)
        #expect(reader.take(bytes("456")).isEmpty)
        #expect(reader.take(bytes("789\nabcdef\n")) == ["1234", "abcd"])
        for _ in 0..<1000 { #expect(reader.take(bytes("xxxxxxxxxx")).isEmpty) }
        #expect(reader.end() == "xxxx")
    }

    @Test func `the recorded answer is whole, and cut short it is none`() throws {
        let text = try SampleCluster.lines("list").joined(separator: "\n") + "\n"
        var whole = ClusterAnswer()
        for piece in stride(from: 0, to: text.utf8.count, by: 50) {
            whole.take(Array(text.utf8.dropFirst(piece).prefix(50)))
        }
        #expect(!whole.isTooLong)
        #expect(try whole.end().get() == SampleCluster.items("list"))
        var cut = ClusterAnswer()
        cut.take(Array(text.utf8.prefix(text.utf8.count / 2)))
        #expect(throws: ClusterAnswer.Complaint.self) { try cut.end().get() }
    }

    @Test func `an answer that never comes to an end is too long`() {
        var noise = ClusterAnswer()
        let lines = Array(repeating: bytes("y\n"), count: 32 << 10).flatMap(\.self)
        for _ in 0..<17 { noise.take(lines) }
        #expect(noise.isTooLong)
        #expect(noise.end() == .failure(ClusterAnswer.Complaint(text: "y")))
        var line = ClusterAnswer()
        for _ in 0..<65 { line.take([UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)) }
        #expect(line.isTooLong)
    }
}

/// A supervisor whose kubectl misbehaves.
struct ForwardFloodTests {
    private let scene: ForwardScene

    init() throws { scene = try ForwardScene() }

    /// Puts a line before the others of the script that stands for kubectl.
    private func misbehave(_ pattern: String, _ script: String) throws {
        let text = try scene.sample.folder.text("bin/kubectl")
        try scene.sample.folder.write(
            text.replacing("case \"$*\" in\n", with: "case \"$*\" in\n\(pattern)) \(script) ;;\n"),
            to: "bin/kubectl", mode: 0o755)
    }

    private func request() throws {
        let spec = scene.forwards().spec(of: scene.configured[0], origin: .configured)
        try scene.forwards().requests.send(
            ForwardSpecs(
                context: scene.sample.place.context, kubeconfig: scene.sample.place.kubeconfig,
                forwards: [spec]))
    }

    @Test(arguments: ["*pods,services*", "*--watch*"])
    func `one that prints without end is ended, and said of the forward`(pattern: String)
        async throws
    {
        let pids = scene.sample.folder.file("pids")
        try misbehave(pattern, "echo $$ >> '\(pids)'; exec yes 'nothing you know'")
        try await scene.cleaningUp {
            try request()
            try await scene.eventually("it says so") {
                scene.ledger.read("web")?.lastError == "nothing you know"
            }
            let first = try #require(
                Int32(try scene.sample.folder.text("pids").prefix { $0.isNumber }))
            try await scene.eventually("the kubectl is gone") {
                ProcessIdentity(pid: first) == nil
            }
        }
    }

    @Test func `a watch that closes its output is ended and followed by another`() async throws {
        let pids = scene.sample.folder.file("pids")
        try misbehave(
            "*--watch*",
            """
            echo $$ >> '\(pids)'
              [ "$(grep -c . '\(pids)')" = 1 ] || follow '\(scene.sample.folder.path)/watch'
              exec >&- 2>&-; exec sleep 600
            """)
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(scene.configured)
            let first = try #require(
                Int32(try scene.sample.folder.text("pids").prefix { $0.isNumber }))
            try await scene.eventually("the first is gone") {
                ProcessIdentity(pid: first) == nil
            }
            #expect(await EchoServer.ask(scene.port, "a") == "first:a")
        }
    }

    @Test(arguments: [
        "exec >&- 2>&-; exec sleep 600", "exec yes 'Handling connection for 80'",
        "exec yes 'Forwarding from 127.0.0.1:1 -> 80'", "exec yes ''",
    ]) func `one that forwards nothing is ended, and its client is served by the next`(
        script: String
    ) async throws {
        let pids = scene.sample.folder.file("pids")
        try misbehave(
            "*port-forward*",
            """
            echo $$ >> '\(pids)'
              [ "$(grep -c . '\(pids)')" = 1 ] || for word; do
                case $word in pod/*) follow "\(scene.sample.folder.path)/forward-${word#pod/}" ;; esac
              done
              \(script)
            """)
        try await scene.cleaningUp {
            _ = try await scene.forwards().start(scene.configured)
            #expect(await EchoServer.ask(scene.port, "a") == "first:a")
            let first = try #require(
                Int32(try scene.sample.folder.text("pids").prefix { $0.isNumber }))
            try await scene.eventually("the first is gone") {
                ProcessIdentity(pid: first) == nil
            }
        }
    }
}
