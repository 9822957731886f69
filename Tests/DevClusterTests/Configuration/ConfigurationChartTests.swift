import Testing

@testable import GettingStarted
@testable import Settings
@testable import Tools
@testable import Vocabulary

@Suite struct `Reading a chart of the configuration` {
    @Test func `reads a chart with all that Helm takes, and with nothing but its folder`() throws {
        let manifests = try loaded([
            "spec": [
                "manifests": [
                    ["helm": ["chart": "deploy/chart"]],
                    [
                        "helm": [
                            "chart": "c", "release": "front", "values": ["a.yaml", "b.yaml"],
                            "set": ["image.tag": "1.20", "replicas": 2, "env": ["A": .bool(true)]],
                        ]
                    ],
                ]
            ]
        ]).configuration.manifests
        #expect(
            try manifests == [
                .helm(Configuration.Chart("deploy/chart")),
                .helm(
                    Configuration.Chart(
                        "c", release: ReleaseName("front"), values: ["a.yaml", "b.yaml"],
                        set: ["image.tag": "1.20", "replicas": 2, "env": ["A": .bool(true)]])),
            ])
        let again: [Configuration.ManifestSource] = try JSONValue(encoding: manifests).decoded()
        #expect(again == manifests)
    }

    @Test func `names what is wrong with a chart`() {
        #expect(
            complaints([
                "spec": [
                    "manifests": [
                        ["helm": ["release": "My Shop", "value": []]], ["helm": "deploy/chart"],
                        ["helm": ["chart": "c"], "render": ["x"]], [:],
                        ["helm": ["chart": "c", "set": ["a=b": 1]]],
                        ["helm": ["chart": "c", "set": ["a"]]],
                        [
                            "helm": [
                                "chart": "c", "release": .string(String(repeating: "a", count: 54)),
                            ]
                        ],
                    ]
                ]
            ]) == [
                "spec.manifests[0].helm.value: unknown field; did you mean values?",
                "spec.manifests[0].helm.chart: missing",
                #"spec.manifests[0].helm.release: release name "My Shop" is not valid: "M" is not "#
                    + #"allowed, only a-z, 0-9, "-" and ".""#,
                "spec.manifests[1].helm: expected an object, found text",
                "spec.manifests[1].helm.chart: missing",
                "spec.manifests[2]: expected a path, or just one of: render, helm",
                "spec.manifests[3]: expected a path, or just one of: render, helm",
                #"spec.manifests[4].helm.set: "a=b" cannot be a key"#,
                "spec.manifests[5].helm.set: expected values by key, found a list",
                #"spec.manifests[6].helm.release: release name "\#(String(repeating: "a", count: 54))""#
                    + " is not valid: 54 characters, 53 are allowed",
            ])
    }
}
