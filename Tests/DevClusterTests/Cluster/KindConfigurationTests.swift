import Testing

@testable import Clusters
@testable import Vocabulary

struct KindConfigurationTests {
    private func document(
        _ configuration: KindConfiguration
    ) throws -> JSONValue {
        try JSONValue(parsing: configuration.document())
    }

    private func configuration(
        controlPlanes: Int = 1, workers: Int = 0, ports: [KindConfiguration.PortMapping] = [],
        base: JSONValue? = nil
    ) -> KindConfiguration {
        KindConfiguration(
            controlPlanes: controlPlanes, workers: workers, portMappings: ports, base: base)
    }

    private let port = KindConfiguration.PortMapping(
        address: "127.0.0.1", hostPort: 8080, nodePort: 30080, networkProtocol: "TCP")

    @Test func `a cluster of one node reads the registry's hosts files`() throws {
        let document = try document(configuration())
        #expect(document["kind"]?.string == "Cluster")
        #expect(document["apiVersion"]?.string == "kind.x-k8s.io/v1alpha4")
        #expect(document["nodes"] == [["role": "control-plane"]])
        let patch = document["containerdConfigPatches"]?[0]?.string
        #expect(patch?.contains("config_path = \"/etc/containerd/certs.d\"") == true)
    }

    @Test func `ports go to the first control plane only`() throws {
        let nodes = try document(configuration(controlPlanes: 2, workers: 1, ports: [port]))[
            "nodes"]
        #expect(
            nodes?.array?.compactMap { $0["role"]?.string } == [
                "control-plane", "control-plane", "worker",
            ])
        #expect(
            nodes?[0]?["extraPortMappings"] == [
                [
                    "listenAddress": "127.0.0.1", "hostPort": 8080, "containerPort": 30080,
                    "protocol": "TCP",
                ]
            ])
        #expect(nodes?[1]?["extraPortMappings"] == nil)
    }

    @Test func `the user's kind file is kept, with our patch after its own`() throws {
        let base: JSONValue = [
            "kind": "Cluster", "name": "theirs", "networking": ["ipFamily": "dual"],
            "containerdConfigPatches": ["[debug]\n  level = \"debug\""],
        ]
        let document = try document(configuration(workers: 1, base: base))
        #expect(document["networking"]?["ipFamily"]?.string == "dual")
        #expect(document["containerdConfigPatches"]?.array?.count == 2)
        #expect(document["containerdConfigPatches"]?[0]?.string?.hasPrefix("[debug]") == true)
        #expect(document["nodes"]?.array?.count == 2)
    }

    @Test func `the nodes of the user's kind file are kept`() throws {
        let nodes: JSONValue = [
            ["role": "control-plane", "labels": ["a": "b"]], ["role": "worker"],
        ]
        #expect(try document(configuration(base: ["nodes": nodes]))["nodes"] == nodes)
    }

    @Test func `nodes in both files are refused`() {
        let base: JSONValue = ["nodes": [["role": "control-plane"]]]
        for configuration in [
            configuration(workers: 1, base: base), configuration(controlPlanes: 3, base: base),
            configuration(ports: [port], base: base),
        ] {
            let error = #expect(throws: DevClusterError.self) { try configuration.document() }
            #expect(error?.code == .usage)
            #expect(error?.message.contains("both in the kind file and in spec.cluster") == true)
        }
    }

    // The patch was read by kubectl 1.32.4 from kind's own documentation of local registries.
    @Test func `registry mirrors are refused, because they exclude the hosts files`() {
        let patch = """
            [plugins."io.containerd.grpc.v1.cri".registry.mirrors."localhost:5001"]
              endpoint = ["http://kind-registry:5000"]
            """
        let base: JSONValue = ["containerdConfigPatches": [.string(patch)]]
        let error = #expect(throws: DevClusterError.self) {
            try configuration(base: base).document()
        }
        #expect(error?.message.contains("registry.mirrors") == true)
        #expect(error?.hint == "remove that patch")
    }

    @Test func `nodes are named as kind names them`() {
        #expect(
            KindConfiguration.nodeNames(cluster: "a", controlPlanes: 3, workers: 2) == [
                "a-control-plane", "a-control-plane2", "a-control-plane3", "a-worker", "a-worker2",
            ])
        #expect(
            KindConfiguration.nodeNames(cluster: "a", controlPlanes: 1, workers: 0) == [
                "a-control-plane"
            ])
    }

    @Test func `a node without a role is a control plane`() {
        let base: JSONValue = ["nodes": [["labels": [:]], ["role": "worker"]]]
        #expect(
            configuration(base: base).expectedNodeNames(cluster: "a") == [
                "a-control-plane", "a-worker",
            ])
    }
}
