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

    /// Recorded with nftables 1.1.7, podman 5.8.6 and netavark 1.17.2, whose teardown had failed:
    /// port 5114 is published at 10.89.0.16, was at 10.89.0.14, and answered nobody.
    private func expectNewRules() throws {
        runner.expect("iptables", returning: .ok("-P PREROUTING ACCEPT\n-P OUTPUT ACCEPT\n"))
        runner.expect(
            "nft", ["--handle", "list", "table", "inet", "netavark"],
            returning: .ok(try Fixture.text("nftables-1.1.7-netavark-1.17.2-killed.txt")))
    }

    @Test func `a stale rule of nftables is removed by its handle, the others are kept`()
        async throws
    {
        try expectNewRules()
        runner.expect("nft", ["delete", "rule"])
        try await firewall.removeStaleRules(of: [container("10.89.0.16")])
        #expect(
            runner.commands.last
                == "nft delete rule inet netavark nv_5cdf5d2b_10_89_0_0_nm24_dnat handle 121")
        #expect(runner.calls.count == 3)
        #expect(
            sample.activity.notes
                == ["port 5114 still led to 10.89.0.14, where no container is any more"])
    }

    @Test func `of a port that no container has every rule of nftables is removed`() async throws {
        try expectNewRules()
        runner.expect("nft", ["delete", "rule"], times: 2)
        try await firewall.removeRules(ofPort: 5114)
        #expect(runner.commands.suffix(2).map { $0.hasSuffix("handle 133") } == [false, true])
    }

    @Test func `what nft prints of other chains is no rule of a published port`() {
        let line = "ip daddr 127.0.0.1 tcp dport 5114 dnat ip to 10.89.0.14:5000 # handle 121"
        func rules(_ chain: String) -> Int {
            NetavarkRule.all(nftables: "table inet netavark {\nchain \(chain) {\n\(line)\n}\n}")
                .count
        }
        #expect(rules("nv_1_dnat") == 1)
        #expect(rules("--file=nv_1") == 0)
        #expect(rules("NETAVARK-HOSTPORT-DNAT") == 0)
    }
}
