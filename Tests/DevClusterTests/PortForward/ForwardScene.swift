import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import Sessions
@testable import Settings
@testable import Tools
@testable import Vocabulary

/// Forwards with a supervisor on a thread of this process, and a `kubectl` that is a script: it
/// prints what the real one was recorded to print, and leads to servers of the test.
struct ForwardScene {
    let sample: SampleSession
    /// The local port of the configured forward.
    let port: Int
    /// What answers for the recorded pod.
    let pod: EchoServer
    var configured: [Configuration.Forward] { sample.session.configuration.forwards }
    var ledger: ForwardLedger { ForwardLedger(folder: sample.place.folder) }

    /// - Parameter answer: what the pod puts before what it was sent.
    init(answer: String = "first", target: String = "svc/web", probe: String? = nil) throws {
        // As in main: a supervisor may end between a command's opening and writing of its pipe.
        signal(SIGPIPE, SIG_IGN)
        port = freePort()
        pod = try EchoServer(answer)
        var forward: [String: JSONValue] = [
            "name": "web", "target": .string(target), "port": .integer(Int64(port)),
            "targetPort": 80,
        ]
        forward["probe"] = probe.map { .string($0) }
        // A kubectl that is being started has, for a moment, all locks that this process has. How
        // long that, and all else, may take here is only a matter of how busy the machine is.
        sample = try SampleSession(
            [
                "namespace": "shop", "forwards": [.object(forward)],
                "timeouts": ["child": "10m"],
            ], lockWait: .seconds(600))
        try sample.remember()
        try install()
        try lead("web-68dfc84d4b-td6bw", to: pod)
    }

    private func install() throws {
        let folder = sample.folder.path
        try sample.folder.write(
            """
            #!/bin/sh
            PATH=/usr/bin:/bin
            # The shell stays, since a kubectl is known by its arguments; tail ends with it.
            follow() {
              case $(uname) in
              Linux) tail --pid=$$ -n +1 -f "$1" & wait ;;
              *) exec tail -n +1 -f "$1" ;;
              esac
            }
            case "$*" in
            *--watch*) [ ! -e '\(folder)/down' ] || { cat '\(folder)/down'; exit 1; }
              follow '\(folder)/watch' ;;
            *pods,services*) [ ! -e '\(folder)/down' ] || { cat '\(folder)/down'; exit 1; }
              cat '\(folder)/list' ;;
            *port-forward*)
              echo "$*" >> '\(folder)/arguments'
              for word; do case $word in pod/*) follow "\(folder)/forward-${word#pod/}" ;; esac; done ;;
            esac

            """, to: "bin/kubectl", mode: 0o755)
        try list(try SampleCluster.lines("list"))
        try sample.folder.write(
            SampleCluster.lines("watch").prefix(8).joined(separator: "\n") + "\n", to: "watch")
    }

    /// Adds events to what the watch tells; a new file `tail` would miss.
    func happen(_ lines: some Sequence<Substring>) throws {
        let file = try #require(FileHandle(forWritingAtPath: sample.folder.file("watch")))
        try file.seekToEnd()
        try file.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// What a reading tells from now on.
    func list(_ lines: [Substring]) throws {
        try sample.folder.write(lines.joined(separator: "\n") + "\n", to: "list")
    }

    func lead(_ name: String, to server: EchoServer) throws {
        try sample.folder.write(
            "Forwarding from 127.0.0.1:\(server.port) -> 8080\n", to: "forward-\(name)")
    }

    /// Limits that no machine is slow enough to reach: what a limit does is told to a test's clock.
    static let patient: ForwardTiming = {
        var timing = ForwardTiming()
        timing.idle = .seconds(36_000)
        timing.hold = .seconds(36_000)
        timing.refresh = .seconds(36_000)
        return timing
    }()

    func forwards(_ timing: ForwardTiming = patient) -> PortForwards {
        var forwards = PortForwards(session: sample.session)
        let environment = sample.session.environment
        forwards.requests.launch = { folder in
            Thread.detachNewThread {
                try? ForwardSupervisor.run(
                    folder: folder, environment: environment, timing: timing, signals: false)
            }
        }
        return forwards
    }

    /// Waits until the kubectl of a pod has said all that it is to say.
    ///
    /// - Parameter said: the file it follows.
    static func waitUntilRead(_ said: String) {
        #if os(Linux)
            let size = (try? Data(contentsOf: URL(filePath: said)).count) ?? 0
            // What the program that follows the file has written, as the kernel counts.
            let count = { (process: ProcessIdentity) -> Int in
                let text = String(
                    decoding: readFile("/proc/\(process.pid)/io", limit: 4096) ?? [], as: UTF8.self)
                let line = text.split(separator: "\n").first { $0.hasPrefix("wchar: ") }
                return line.flatMap { Int($0.dropFirst(7)) } ?? 0
            }
            while true {
                let readers = ProcessIdentity.all().filter {
                    $0.commandLine?.suffix(2) == ["-f", said]
                }
                if readers.isEmpty || readers.contains(where: { count($0) >= size }) { return }
                usleep(2_000)
            }
        #else
            usleep(200_000)
        #endif
    }

    func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        try #require(
            try await TestSupport.eventually(condition), "not within 10 minutes: \(what)")
    }

    /// Runs the test and ends what it started, also when it failed.
    func cleaningUp(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            _ = try? await ledger.endAll(dryRun: false)
            throw error
        }
        _ = try await ledger.endAll(dryRun: false)
        try await hasEnded()
    }

    /// Waits until no supervisor is left, which a busy machine may take its time for.
    func hasEnded() async throws {
        try await eventually("the supervisor ends") { !ledger.isSupervised }
    }
}
