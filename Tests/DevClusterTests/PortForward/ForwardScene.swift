import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import DevCluster

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
        // A kubectl that is being started has, for a moment, all locks that this process has.
        sample = try SampleSession(
            ["namespace": "shop", "forwards": [.object(forward)]], lockWait: .seconds(10))
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
            case "$*" in
            *--watch*) [ ! -e '\(folder)/down' ] || { cat '\(folder)/down'; exit 1; }
              exec tail -n +1 -f '\(folder)/watch' ;;
            *pods,services*) [ ! -e '\(folder)/down' ] || { cat '\(folder)/down'; exit 1; }
              cat '\(folder)/list' ;;
            *port-forward*)
              echo "$*" >> '\(folder)/arguments'
              for word; do case $word in pod/*) exec tail -n +1 -f "\(folder)/forward-${word#pod/}" ;; esac; done ;;
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

    func forwards(_ timing: ForwardTiming = ForwardTiming()) -> PortForwards {
        var forwards = PortForwards(session: sample.session)
        let environment = sample.session.environment
        forwards.launch = { folder in
            Thread.detachNewThread {
                try? ForwardSupervisor.run(
                    folder: folder, environment: environment, timing: timing, signals: false)
            }
        }
        return forwards
    }

    func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try await !condition() {
            try #require(ContinuousClock.now < end, "not within 20 s: \(what)")
            try await Task.sleep(for: .milliseconds(10))
        }
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
        #expect(!ledger.isSupervised)
    }
}
