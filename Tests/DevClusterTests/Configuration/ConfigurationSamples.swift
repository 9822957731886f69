import Testing

@testable import Images
@testable import Settings
@testable import Vocabulary

/// Reads `spec` and `metadata` as a file at `/repo/devcluster.yaml` would be, with the header.
func loaded(
    _ members: JSONValue = [:], environment: [String: String] = [:],
    flags: [FieldPath: String] = [:]
) throws -> LoadedConfiguration {
    var document = members
    document["apiVersion"] = "devcluster.dev/v1"
    document["kind"] = "DevCluster"
    return try LoadedConfiguration(
        document: document, file: "/repo/devcluster.yaml", folder: "/repo",
        workingDirectory: "/repo/src",
        overrides: ConfigurationOverrides(environment: environment, flags: flags))
}

/// The lines of the error that a document gives, without the first one that names the file.
func complaints(
    _ members: JSONValue, environment: [String: String] = [:], flags: [FieldPath: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
    let error = #expect(throws: DevClusterError.self, sourceLocation: sourceLocation) {
        try loaded(members, environment: environment, flags: flags)
    }
    guard let error else { return [] }
    #expect(error.code == .usage, sourceLocation: sourceLocation)
    let prefix = "configuration /repo/devcluster.yaml: "
    #expect(error.message.hasPrefix(prefix), sourceLocation: sourceLocation)
    let lines = error.message.dropFirst(prefix.count).split(separator: "\n").map(String.init)
    guard lines.count > 1 else { return lines }
    #expect(lines[0] == "\(lines.count - 1) errors", sourceLocation: sourceLocation)
    return lines.dropFirst().map { String($0.dropFirst(2)) }
}

/// The example of the product's description, as kubectl prints it.
let fullExample: JSONValue = [
    "metadata": ["name": "angzarr"],
    "spec": [
        "engine": "podman",
        "cluster": [
            "nodeImage": "kindest/node:v1.36.1", "controlPlanes": 1, "workers": 2,
            "portMappings": [["hostPort": 8080, "nodePort": 30080]], "kindConfig": "kind.yaml",
        ],
        "registry": [
            "name": "kind-registry", "port": 5001, "image": "docker.io/library/registry:2",
            "volume": "kind-registry-data", "mirrors": ["docker.io"],
        ],
        "namespace": "angzarr",
        "componentAnnotation": "angzarr.io/descriptor",
        "tagPolicy": "unique",
        "retention": ["tags": 10],
        "images": [
            [
                "name": "agg-order-rs", "context": ".",
                "containerfile": "examples/rust/Containerfile", "target": "order",
                "buildArgs": ["PROFILE": "dev"], "matches": ["ghcr.io/acme/agg-order-rs"],
            ]
        ],
        "manifests": [
            "deploy/k8s/", ["render": ["./render.sh", "--dev"]],
            [
                "helm": [
                    "chart": "deploy/helm/angzarr", "release": "angzarr", "values": ["dev.yaml"],
                ]
            ],
        ],
        "locks": [["workload": "deployment/mongodb", "method": "scale"]],
        "forwards": [
            ["name": "gateway", "target": "svc/gateway", "port": 19099, "targetPort": 8080],
            [
                "name": "grafana", "target": "svc/grafana", "port": 23000, "targetPort": "http",
                "namespace": "monitoring",
            ],
        ],
        "preload": ["docker.io/library/busybox:1.36"],
        "timeouts": [
            "build": "60m", "push": "15m", "rollout": "5m", "delete": "20m", "child": "30s",
        ],
    ],
]
