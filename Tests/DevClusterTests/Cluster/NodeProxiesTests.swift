import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters
@testable import Tools
@testable import Vocabulary

struct NodeProxiesTests {
    private static let proxy = "http://127.0.0.1:9"

    private func value(_ environment: [String: String], mirrors: [JSONValue] = []) throws -> String?
    {
        let sample = try SampleSession(
            registry: ["mirrors": .array(mirrors)], environment: environment)
        let passed = NodeProxies(session: sample.session).environment
        #expect(passed["NO_PROXY"] == passed["no_proxy"])
        return passed["NO_PROXY"]
    }

    @Test(arguments: ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"])
    func `nodes reach our registries and the cluster without a proxy`(variable: String) throws {
        #expect(
            try value([variable: Self.proxy], mirrors: ["docker.io"])
                == "localhost,127.0.0.1,devcluster-demo-registry,"
                + "devcluster-demo-registry-mirror-docker-io,.svc,.cluster.local")
    }

    @Test func `what the user excepts stays, and stands once`() throws {
        let set = ["HTTP_PROXY": Self.proxy]
        #expect(
            try value(set.merging(["NO_PROXY": "localhost, 127.0.0.1,.corp,svc"]) { $1 })
                == "localhost,127.0.0.1,.corp,svc,devcluster-demo-registry,.cluster.local")
        // Go, and so kind, reads the second only where the first is empty.
        #expect(
            try value(set.merging(["NO_PROXY": "", "no_proxy": "devcluster-demo-registry"]) { $1 })
                == "devcluster-demo-registry,localhost,127.0.0.1,.svc,.cluster.local")
        #expect(try value(set.merging(["NO_PROXY": "*"]) { $1 }) == "*")
    }

    @Test func `without a proxy kind is told nothing`() throws {
        #expect(try value([:]) == nil)
        #expect(try value(["NO_PROXY": ".corp", "HTTP_PROXY": ""]) == nil)
    }

    @Test func `kind gets it when a cluster is made`() async throws {
        let engine = SampleEngine([SampleEngine.registry])
        let sample = try SampleSession(
            ["cluster": ["workers": 1]], environment: ["HTTPS_PROXY": Self.proxy])
        engine.install(sample.runner)
        try sample.runner.expectCreation(in: engine)
        _ = try await ClusterUp(session: sample.session).run()
        let create = try #require(
            sample.runner.calls.first { $0.tool == "kind" && $0.arguments.first == "create" })
        #expect(create.environment["NO_PROXY"]?.contains("devcluster-demo-registry") == true)
        #expect(create.environment["KIND_EXPERIMENTAL_PROVIDER"] == "podman")
    }

    private func node(_ environment: [String]) throws -> Container {
        var node = try Fixture.container("worker")
        node.environment = environment
        return node
    }

    @Test(arguments: [
        (["HTTP_PROXY=http://127.0.0.1:9", "NO_PROXY=localhost,10.89.0.0/24"], true),
        (["http_proxy=http://127.0.0.1:9"], true),
        (["HTTP_PROXY=http://a=b", "NO_PROXY=devcluster-demo-registry"], false),
        (["HTTP_PROXY=http://127.0.0.1:9", "NO_PROXY=*"], false),
        // Our registry speaks plain HTTP.
        (["HTTPS_PROXY=http://127.0.0.1:9"], false), (["HTTP_PROXY="], false), ([], false),
    ]) func `a node that asks a proxy for our registry is recognised`(
        environment: [String], isProxied: Bool
    ) throws {
        let sample = try SampleSession()
        let node = try node(environment)
        let error = NodeProxies(session: sample.session).error(
            [node.name: "proxyconnect tcp: connection refused"], [node.name: node])
        #expect((error != nil) == isProxied)
        guard isProxied else { return }
        #expect(
            error?.message == "not every node can pull from localhost:5051:\n"
                + "devcluster-demo-worker: it was made with HTTP_PROXY, and with no"
                + " devcluster-demo-registry in NO_PROXY, so that it asks the proxy for our registry:"
                + " proxyconnect tcp: connection refused")
        #expect(error?.hint?.contains("'devcluster up --recreate'") == true)
    }

    @Test func `everything that doctor advises is known`() async throws {
        let sample = try SampleSession()
        sample.runner.expect(
            "podman", ["network", "inspect", "kind"],
            returning: .ok(try Fixture.text("podman-4.3.1-network-inspect.json")))
        #expect(
            await NodeProxies(session: sample.session).exceptions() == [
                "devcluster-demo-registry", "10.244.0.0/16", "10.96.0.0/16",
                "fc00:f853:ccd:e793::/64", "10.89.0.0/24", ".svc", ".cluster.local",
            ])
    }

    @Test func `a network of docker's has ranges too`() throws {
        // As docker's documentation of GET /networks/{id} has it.
        let text =
            #"[{"Name": "kind", "IPAM": {"Driver": "default", "Config": [{"Subnet": "172.19.0.0/16"}]}}]"#
        let networks = try JSONDecoder().decode([InspectedNetwork].self, from: Data(text.utf8))
        #expect(networks.map(\.ranges) == [["172.19.0.0/16"]])
    }

    @Test(
        arguments: [
            (["podSubnet": "10.1.0.0/16"], ["10.1.0.0/16", "10.96.0.0/16"]),
            (["ipFamily": "ipv6"], ["fd00:10:244::/56", "fd00:10:96::/112"]),
            (
                ["ipFamily": "dual", "serviceSubnet": "10.2.0.0/16,fd02::/112"],
                ["10.244.0.0/16", "fd00:10:244::/56", "10.2.0.0/16", "fd02::/112"]
            ),
        ] as [(JSONValue, [String])]) func `the ranges are those of the user's kind file`(
            networking: JSONValue, ranges: [String]
        )
    {
        let configuration = KindConfiguration(
            controlPlanes: 1, workers: 0, portMappings: [], base: ["networking": networking])
        #expect(configuration.ranges == ranges)
    }
}
