import Testing

@testable import Settings
@testable import Vocabulary

@Suite struct `Fields that exclude each other` {
    private let both: JSONValue = [
        "spec": [
            "cluster": ["kubeContext": "team", "workers": 2, "nodeImage": "kindest/node:v1"],
            "registry": ["host": "ghcr.io/team", "port": 5002, "mirrors": ["docker.io"]],
        ]
    ]

    @Test func `are an error when the file has both`() {
        #expect(
            complaints(both) == [
                "spec.cluster.kubeContext and spec.cluster.nodeImage exclude each other: an "
                    + "existing cluster is not made by kind",
                "spec.cluster.kubeContext and spec.cluster.workers exclude each other: an "
                    + "existing cluster is not made by kind",
                "spec.registry.host and spec.registry.port exclude each other: an existing "
                    + "registry is not made by devcluster",
            ])
    }

    @Test func `are an error when a flag meets the file's choice`() {
        let spec: JSONValue = ["spec": ["cluster": ["kubeContext": "team"]]]
        #expect(
            complaints(spec, flags: ["spec.cluster.workers": "2"]).first?
                .contains("exclude each other") == true)
    }

    @Test func `do not matter when a machine-wide variable meets an existing cluster`() throws {
        let result = try loaded(
            ["spec": ["cluster": ["kubeContext": "team"]]],
            environment: ["DEVCLUSTER_NODE_IMAGE": "lab/node:1"])
        #expect(result.configuration.cluster.nodeImage == nil)
        #expect(result.configuration.cluster.kubeContext?.description == "team")
        #expect(result.view["spec.cluster.nodeImage"]?.origin == .default)
    }

    @Test func `give way to a context that comes from a flag or variable`() throws {
        let file: JSONValue = ["spec": ["cluster": ["workers": 2, "kindConfig": "kind.yaml"]]]
        let byFlag = try loaded(file, flags: ["spec.cluster.kubeContext": "team"]).configuration
        #expect(byFlag.cluster.workers == 0)
        #expect(byFlag.cluster.kindConfig == nil)
        let byVariable = try loaded(file, environment: ["DEVCLUSTER_KUBE_CONTEXT": "team"])
        #expect(byVariable.configuration.cluster.workers == 0)
    }

    @Test func `leave the other registry's fields alone`() throws {
        let registry = try loaded([
            "spec": [
                "registry": ["host": "ghcr.io/team", "pullSecret": "ghcr", "mirrors": ["quay.io"]]
            ]
        ]).configuration.registry
        #expect(registry.pushLocation == "ghcr.io/team")
        #expect(registry.pullSecret?.description == "ghcr")
        #expect(registry.mirrors.count == 1)
    }

    @Test func `include a pull secret without an existing registry`() {
        #expect(
            complaints(["spec": ["registry": ["pullSecret": "x"]]]) == [
                "spec.registry.pullSecret: has no meaning without spec.registry.host"
            ])
    }
}

@Suite struct `Values that must differ` {
    private func forward(_ name: String, _ port: Int64, _ address: String? = nil) -> JSONValue {
        var forward: JSONValue = [
            "name": .string(name), "target": "svc/x", "port": .integer(port),
        ]
        forward["address"] = address.map { .string($0) }
        return forward
    }

    @Test func `are reported with both places`() {
        #expect(
            complaints([
                "spec": [
                    "images": [["name": "web"], ["name": "api"], ["name": "web"]],
                    "locks": [["workload": "deploy/db"], ["workload": "deployment/db"]],
                    "forwards": [forward("a", 8080), forward("b", 9090), forward("a", 8080)],
                ]
            ]) == [
                #"spec.images[0].name and spec.images[2].name are both "web""#,
                #"spec.forwards[0].name and spec.forwards[2].name are both "a""#,
                #"spec.locks[0].workload and spec.locks[1].workload are both "deployment/db""#,
                "spec.forwards[0].port and spec.forwards[2].port are both 8080",
            ])
    }

    @Test func `are reported beside other errors, with the right index`() {
        #expect(
            complaints(["spec": ["images": [["name": 5], ["name": "a"], ["name": "a"]]]]) == [
                "spec.images[0].name: expected a repository name, found 5; write it in "
                    + "quotes",
                #"spec.images[1].name and spec.images[2].name are both "a""#,
            ])
    }

    @Test func `include the ports of registry and cluster`() {
        #expect(
            complaints([
                "spec": [
                    "cluster": ["portMappings": [["hostPort": 8080, "nodePort": 80]]],
                    "forwards": [forward("a", 5001), forward("b", 8080)],
                ]
            ]) == [
                "spec.registry.port and spec.forwards[0].port are both 5001",
                "spec.cluster.portMappings[0].hostPort and spec.forwards[1].port are both 8080",
            ])
    }

    @Test func `may be equal on different addresses and protocols`() throws {
        let forwards: JSONValue = [forward("a", 80), forward("b", 80, "127.0.0.2")]
        #expect(throws: Never.self) {
            try loaded([
                "spec": [
                    "forwards": forwards,
                    "cluster": [
                        "portMappings": [["hostPort": 80, "nodePort": 53, "protocol": "UDP"]]
                    ],
                ]
            ])
        }
        let wildcard: JSONValue = [forward("a", 80), forward("b", 80, "0.0.0.0")]
        #expect(complaints(["spec": ["forwards": wildcard]]).count == 1)
    }

    @Test func `include references that two images claim`() {
        #expect(
            complaints([
                "spec": [
                    "images": [
                        ["name": "web", "matches": ["ghcr.io/acme/x", "web"]],
                        ["name": "api", "matches": ["ghcr.io/acme/x", "web"]],
                    ]
                ]
            ]) == [
                "spec.images[0].matches[0] and spec.images[1].matches[0] both claim the reference "
                    + #""ghcr.io/acme/x""#,
                "spec.images[0].matches[1] and spec.images[1].matches[1] both claim the reference "
                    + #""web""#,
            ])
    }
}
