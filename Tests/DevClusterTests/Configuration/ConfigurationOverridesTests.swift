import Testing

@testable import Settings
@testable import Tools
@testable import Vocabulary

@Suite struct `Values from flags and variables` {
    private let file: JSONValue = [
        "metadata": ["name": "file"], "spec": ["registry": ["port": 6000], "namespace": "file"],
    ]

    @Test func `win over the file, flags over variables, and say so in the view`() throws {
        let result = try loaded(
            file,
            environment: [
                "DEVCLUSTER_NAME": "variable", "DEVCLUSTER_REGISTRY_PORT": "6001",
                "DEVCLUSTER_NAMESPACE": "variable",
            ],
            flags: ["metadata.name": "flag"])
        #expect(result.configuration.name.description == "flag")
        #expect(result.configuration.registry.port.value == 6001)
        #expect(result.view["metadata.name"]?.origin == .flag)
        #expect(
            result.view["spec.registry.port"]
                == .init(
                    path: "spec.registry.port", value: "6001", origin: .variable,
                    source: "DEVCLUSTER_REGISTRY_PORT"))
        #expect(result.view["spec.namespace"]?.origin == .variable)
        #expect(result.view["spec.engine"]?.origin == .default)
        #expect(result.warnings.isEmpty)
    }

    @Test func `have variables named by one rule`() throws {
        let variables = ConfigurationSchema.scalars.map(\.path.variable)
        #expect(Set(variables).count == variables.count)
        let expected: Set = [
            "DEVCLUSTER_NAME", "DEVCLUSTER_ENGINE", "DEVCLUSTER_NODE_IMAGE",
            "DEVCLUSTER_CONTROL_PLANES", "DEVCLUSTER_WORKERS", "DEVCLUSTER_KIND_CONFIG",
            "DEVCLUSTER_KUBE_CONTEXT", "DEVCLUSTER_REGISTRY_NAME", "DEVCLUSTER_REGISTRY_PORT",
            "DEVCLUSTER_REGISTRY_IMAGE", "DEVCLUSTER_REGISTRY_VOLUME", "DEVCLUSTER_REGISTRY_HOST",
            "DEVCLUSTER_REGISTRY_PULL_SECRET", "DEVCLUSTER_NAMESPACE",
            "DEVCLUSTER_COMPONENT_ANNOTATION", "DEVCLUSTER_TAG_POLICY",
            "DEVCLUSTER_RETENTION_TAGS", "DEVCLUSTER_TIMEOUTS_BUILD", "DEVCLUSTER_TIMEOUTS_PUSH",
            "DEVCLUSTER_TIMEOUTS_ROLLOUT", "DEVCLUSTER_TIMEOUTS_DELETE",
            "DEVCLUSTER_TIMEOUTS_CHILD",
        ]
        #expect(Set(variables) == expected)
    }

    @Test func `that are empty variables count as not set`() throws {
        let result = try loaded(file, environment: ["DEVCLUSTER_NAMESPACE": ""])
        #expect(result.configuration.namespace.description == "file")
    }

    @Test func `replace a wrong value of the file`() throws {
        let result = try loaded(
            ["spec": ["engine": "rocket"]], environment: ["DEVCLUSTER_ENGINE": "docker"])
        #expect(result.configuration.engine == .docker)
    }

    @Test func `are named as the user set them when they are wrong`() {
        #expect(
            complaints(
                [:],
                environment: [
                    "DEVCLUSTER_REGISTRY_PORT": "many", "DEVCLUSTER_TIMEOUTS_PUSH": "5",
                ], flags: ["spec.tagPolicy": "uniqe"]
            ) == [
                #"DEVCLUSTER_REGISTRY_PORT: expected a port number, found the text "many""#,
                #"spec.tagPolicy: expected unique | gitCommit | inputDigest, found "uniqe"; "#
                    + "did you mean unique?",
                #"DEVCLUSTER_TIMEOUTS_PUSH: duration "5" is not valid: it needs a unit, for "#
                    + "example 5s or 5m",
            ])
    }

    @Test func `may not set lists or what does not exist`() {
        #expect(
            complaints([:], flags: ["spec.images": "a", "spec.registry.prot": "1"]) == [
                "spec.images: only the file can set this field",
                "spec.registry.prot: unknown field; did you mean spec.registry.port?",
            ])
    }

    @Test func `with paths belong to the working directory, not to the file`() throws {
        let cluster = try loaded(
            ["spec": ["cluster": ["kindConfig": "kind.yaml"]]],
            environment: ["DEVCLUSTER_KIND_CONFIG": "other/kind.yaml"]
        ).configuration.cluster
        #expect(cluster.kindConfig == "/repo/src/other/kind.yaml")
    }

    @Test func `warn about a variable that looks like ours`() throws {
        let warnings = try loaded(environment: [
            "DEVCLUSTER_REGISTRY_PROT": "1", "DEVCLUSTER_XYZ": "\u{1B}", "HOME": "/root",
            "DEVCLUSTER_STATE": "/s", "DEVCLUSTER_BASE_IMAGE": "b", "DEVCLUSTER_LIVE": "1",
            "DEVCLUSTER_IMAGE_WEB": "x", "DEVCLUSTER_RUN": "r",
        ]).warnings
        #expect(
            warnings == [
                "unknown variable DEVCLUSTER_REGISTRY_PROT; did you mean DEVCLUSTER_REGISTRY_PORT?",
                "unknown variable DEVCLUSTER_XYZ",
            ])
    }

    @Test func `keep numbers that are meant as text`() throws {
        let result = try loaded(environment: ["DEVCLUSTER_NAME": "42"])
        #expect(result.configuration.name.description == "42")
    }
}

@Suite struct `The view of a configuration` {
    @Test func `shows every leaf with its value and origin`() throws {
        let entries = try loaded([
            "spec": [
                "images": [["name": "web", "buildArgs": ["B": "2", "A": "1"]]],
                "timeouts": ["build": "90m"],
            ]
        ]).view.entries
        let lines = entries.map { "\($0.path)=\($0.value ?? "-") \($0.origin)" }
        #expect(lines.first == "metadata.name=devcluster default")
        #expect(lines.contains("spec.engine=- default"))
        #expect(lines.contains("spec.images[0].name=web file"))
        #expect(lines.contains("spec.images[0].context=. default"))
        #expect(lines.contains("spec.images[0].buildArgs.A=1 file"))
        #expect(lines.contains("spec.manifests=[] default"))
        #expect(lines.contains("spec.timeouts.build=90m file"))
        #expect(lines.last == "spec.timeouts.child=30s default")
        #expect(Set(entries.map(\.path)).count == entries.count)
    }

    @Test func `says what an absent field means, and which file a value is from`() throws {
        let view = try loaded(["metadata": ["name": "a"]]).view
        #expect(view["spec.engine"]?.absent == "that of the cluster, or what answers")
        #expect(view["metadata.name"]?.source == "/repo/devcluster.yaml")
        #expect(view["spec.nothing"] == nil)
    }

    @Test func `is encoded as a list of entries`() throws {
        let value = try JSONValue(encoding: loaded(["metadata": ["name": "a"]]).view)
        #expect(
            value["entries"]?[0] == [
                "path": "metadata.name", "value": "a", "origin": "file",
                "source": "/repo/devcluster.yaml",
            ])
    }
}

@Suite struct `The page about the fields` {
    private let page = ConfigurationReference.markdown()

    @Test func `has a row for every field`() {
        for field in ConfigurationSchema.all {
            if case .object = field.field.type { continue }
            #expect(page.contains("| `\(field.path)` |"), "\(field.path)")
        }
        #expect(
            page.contains("| `spec.forwards[].targetPort` | port number or port name | the same"))
        #expect(page.contains("| `spec.manifests[].render` | list of: argument |"))
        #expect(page.contains("| `spec.manifests[].helm.chart` | path | required |"))
    }

    @Test func `shows type, default and variable`() {
        let rows = page.split(separator: "\n")
        #expect(
            rows.contains(
                #"| `spec.engine` | podman \| docker | that of the cluster, or what answers | "#
                    + "`DEVCLUSTER_ENGINE` | Container engine. |"))
        #expect(
            rows.contains(
                "| `spec.registry.port` | port number | `5001` | `DEVCLUSTER_REGISTRY_PORT` | "
                    + "Its port on this machine, bound to 127.0.0.1. |"))
    }
}
