import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Sessions
@testable import Tools

/// Rules recorded with iptables 1.8.9 and netavark 1.4.0 after podman was killed in several `up`:
/// port 5114 is published by the registry at 10.89.0.235, and was by another at 10.89.0.217.
struct PodmanFirewallTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }
    private var firewall: PodmanFirewall {
        get throws { try #require(sample.session.podmanFirewall) }
    }

    init() throws {
        sample = try SampleSession(registryPort: 5114)
    }

    private func expectRules(times: Int = 1) throws {
        runner.expect(
            "iptables", ["--wait", "--table", "nat", "--list-rules"],
            returning: .ok(try Fixture.text("iptables-1.8.9-netavark-1.4.0-killed.txt")),
            times: times)
    }

    private func container(
        _ address: String, host: String = "127.0.0.1", status: String = "running"
    )
        throws -> Container
    {
        var container = try Fixture.container("running")
        container.status = status
        container.networks = ["kind": address]
        container.publications = [
            .init(containerPort: "5000/tcp", hostAddress: host, hostPort: 5114)
        ]
        return container
    }

    private var deleted: [String] {
        runner.commands.filter { $0.contains("--delete") }
    }

    private let stale =
        "iptables --wait --table nat --delete NETAVARK-DN-62F930FC96F2B -d 127.0.0.1/32 -p tcp"
        + " -m tcp --dport 5114 -j DNAT --to-destination 10.89.0.217:5000"

    @Test func `a rule that leads to a container that is gone is removed, its own is kept`()
        async throws
    {
        try expectRules()
        runner.expect("iptables", ["--wait", "--table", "nat", "--delete"])
        try await firewall.removeStaleRules(of: [container("10.89.0.235")])
        #expect(deleted == [stale])
        #expect(
            sample.activity.notes
                == ["port 5114 still led to 10.89.0.217, where no container is any more"])
    }

    @Test func `of a port that no container has every rule is removed`() async throws {
        try expectRules()
        runner.expect("iptables", ["--wait", "--table", "nat", "--delete"], times: 2)
        try await firewall.removeRules(ofPort: 5114)
        #expect(deleted.count == 2)
    }

    @Test func `the same port of another address, and a container whose address is unknown, stay`()
        async throws
    {
        try expectRules()
        try await firewall.removeStaleRules(of: [container("10.89.0.9", host: "192.168.1.2")])
        #expect(deleted == [])
        try await firewall.removeStaleRules(of: [container("")])
        #expect(deleted == [])
    }

    @Test func `who may not read the rules goes on without`() async throws {
        runner.expect(
            "iptables", returning: .failure(4, stderr: "Permission denied (you must be root)\n"))
        try await firewall.removeRules(ofPort: 5114)
        #expect(runner.calls.count == 1)
    }
}
