import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import Tools

/// A kubectl that is a script: it prints what the test says, and stays or ends.
struct ScriptedKubectl {
    private let folder: TemporaryFolder
    let kubectl: SupervisedKubectl

    /// - Parameters:
    ///   - line: what it prints, such as `Forwarding from 127.0.0.1:41923 -> 8080`.
    ///   - stays: whether it runs until it is ended.
    init(saying line: String, stays: Bool = true) throws {
        folder = try TemporaryFolder()
        try folder.write(
            """
            #!/bin/sh
            echo '\(line)'
            \(stays ? "PATH=/usr/bin:/bin exec sleep 600" : "exit 1")

            """, to: "kubectl", mode: 0o755)
        kubectl = SupervisedKubectl(
            environment: ["PATH": folder.path], context: "kind-demo", kubeconfig: nil)
    }

    /// One that forwards to a port of this machine.
    init(leadingTo port: Int) throws {
        try self.init(saying: "Forwarding from 127.0.0.1:\(port) -> 8080")
    }

    /// A forward to a pod, once it listens.
    func child(pod uid: String = "1") throws -> ForwardChild {
        let child = try ForwardChild(kubectl, namespace: "shop", to: samplePod(uid))
        child.readUntilItListens()
        return child
    }
}

extension ForwardChild {
    /// Reads what it says until it listens or has ended.
    func readUntilItListens() {
        while port == nil, !hasEnded {
            waitForOutput()
            _ = readOutput()
        }
    }
}

/// A port of a pod that is known by its UID.
func samplePod(_ uid: String) -> ClusterView.Destination {
    ClusterView.Destination(
        pod: KubectlWatch.Item(
            kind: "Pod", namespace: "shop", name: "web-\(uid)", uid: uid,
            created: "2026-01-02T03:04:05Z", isBeingDeleted: false, labels: [:], ports: [],
            isReady: true, isRunning: true, reason: "Running"),
        port: 8080)
}

/// Clients of a port, as the supervisor gets them.
final class SampleClients {
    private let listener: Socket
    private let port: Int
    /// The other ends of the connections.
    private(set) var remotes: [Socket] = []

    init() throws {
        port = freePort()
        listener = try #require(Socket.listening(address: "127.0.0.1", port: port))
    }

    /// Connects one more client.
    func next() throws -> Socket {
        remotes.append(try #require(Socket.connecting(port: port)))
        while true {
            if let client = listener.accepted() { return client }
            usleep(500)
        }
    }

    /// Lets the last client send a text, and waits until it has come.
    func send(_ text: String, to client: Socket) throws {
        let remote = try #require(remotes.last)
        wait(for: remote, Int16(POLLOUT))
        #expect(Array(text.utf8).withUnsafeBytes { remote.send($0) } == text.utf8.count)
        wait(for: client, Int16(POLLIN))
    }

    private func wait(for socket: Socket, _ events: Int16) {
        var polled = pollfd(fd: socket.descriptor, events: events, revents: 0)
        while poll(&polled, 1, -1) < 1 {}
    }
}

/// Room for what is read.
func withScratch<Value>(_ body: (UnsafeMutableRawBufferPointer) throws -> Value) rethrows -> Value {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { scratch.deallocate() }
    return try body(scratch)
}
