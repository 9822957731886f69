import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters

/// The part of the nodes' script that orders name servers, run for real on a file of the test.
struct NodeWiringTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            "#!/bin/sh\necho default via 10.89.0.1 dev eth0 proto static metric 100\n",
            to: "bin/ip", mode: 0o755)
    }

    private func order(_ content: String) async throws -> String {
        try folder.write(content, to: "resolv.conf")
        let script = NodeWiring.resolver
            .replacing("/etc/resolv.conf", with: folder.file("resolv.conf"))
            .replacing("/run/", with: folder.path + "/")
        try await SystemRunner().run(
            Invocation(
                "sh", ["-eu", "-s"], environment: ["PATH": "\(folder.path)/bin:/usr/bin:/bin"],
                input: .bytes(Data(script.utf8)))
        ).checked()
        return try folder.text("resolv.conf")
    }

    /// As podman 4.3 wrote it in a node.
    private let recorded = """
        search dns.podman
        nameserver fc00:f853:ccd:e793::1
        nameserver 10.89.0.1
        nameserver 192.0.2.53

        """

    @Test func `the network's IPv4 name server is asked first, and the host's last`() async throws {
        let ordered = """
            nameserver 10.89.0.1
            search dns.podman
            nameserver fc00:f853:ccd:e793::1
            nameserver 192.0.2.53
            options timeout:1 attempts:5

            """
        #expect(try await order(recorded) == ordered)
        #expect(try await order(ordered) == ordered)
    }

    @Test func `name servers of somebody else stay as they are`() async throws {
        let others = "nameserver 172.18.0.1\noptions ndots:0\n"
        #expect(try await order(others) == others)
    }
}
