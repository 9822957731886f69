import Testing

@testable import Settings
@testable import Tools
@testable import Vocabulary

struct ImageRewriterTests {
    private func rewriter(_ matches: [String] = []) throws -> ImageRewriter {
        ImageRewriter(
            images: [
                Configuration.Image(
                    name: try RepositoryName("web"),
                    matches: try matches.map { try ImageReference($0) }),
                Configuration.Image(name: try RepositoryName("team/api")),
            ],
            registryNames: ["localhost:5051", "127.0.0.1:5051", "demo-registry:5000"])
    }

    @Test(arguments: [
        "web", "web:1", "web@sha256:\(String(repeating: "a", count: 64))",
        "web:1@sha256:\(String(repeating: "a", count: 64))", "localhost:5051/web:dev-1",
        "127.0.0.1:5051/web", "demo-registry:5000/web:1",
    ]) func `an image is meant by its name, with and without our registry`(text: String) throws {
        #expect(try rewriter().image(meantBy: text) == "web")
    }

    @Test(arguments: [
        "ghcr.io/other/web", "other/web", "web2", "localhost:5001/web", "localhost/web",
        "docker.io/library/web", "api", "other/team/api", "", "not a reference", "WEB",
    ]) func `nothing else is, least of all by its last part`(text: String) throws {
        #expect(try rewriter().image(meantBy: text) == nil)
    }

    @Test func `a name of several parts is meant as a whole`() throws {
        #expect(try rewriter().image(meantBy: "team/api:1") == "team/api")
        #expect(try rewriter().image(meantBy: "localhost:5051/team/api") == "team/api")
    }

    @Test(arguments: [
        ("ghcr.io/other/web", "ghcr.io/other/web:v2"), ("nginx", "docker.io/library/nginx:1"),
        ("docker.io/library/nginx", "nginx"), ("index.docker.io/bitnami/nginx", "bitnami/nginx"),
    ]) func `what is listed under matches is meant however it is spelt`(
        match: String, text: String
    ) throws {
        #expect(try rewriter([match]).image(meantBy: text) == "web")
    }

    /// The object with every image of ours replaced by `NEW`.
    private func rewritten(_ object: JSONValue) throws -> JSONValue {
        try rewriter().rewrite(object) { use in "NEW \(use.image) \(use.container ?? "")" }
    }

    @Test func `containers and init containers of a template are replaced`() throws {
        let object: JSONValue = [
            "apiVersion": .apiVersion(of: "Deployment"), "kind": "Deployment",
            "spec": [
                "template": [
                    "spec": [
                        "initContainers": [["name": "prepare", "image": "web:1"]],
                        "containers": [
                            ["name": "web", "image": "web"], ["name": "side", "image": "redis:7"],
                        ],
                    ]
                ]
            ],
        ]
        let spec = try rewritten(object)["spec"]?["template"]?["spec"]
        #expect(spec?["initContainers"]?[0]?["image"]?.string == "NEW web prepare")
        #expect(spec?["containers"]?[0]?["image"]?.string == "NEW web web")
        #expect(spec?["containers"]?[1]?["image"]?.string == "redis:7")
    }

    @Test func `templates are found wherever they stand`() throws {
        let pod: JSONValue = ["containers": [["name": "c", "image": "web"]]]
        let objects: [JSONValue] = [
            ["apiVersion": .apiVersion(of: "Pod"), "kind": "Pod", "spec": pod],
            [
                "apiVersion": .apiVersion(of: "CronJob"), "kind": "CronJob",
                "spec": ["jobTemplate": ["spec": ["template": ["spec": pod]]]],
            ],
            ["kind": "Rollout", "spec": ["versions": [["workload": ["template": pod]]]]],
            [
                "kind": "List",
                "items": [
                    [
                        "apiVersion": .apiVersion(of: "Pod"), "kind": "Pod",
                        "metadata": ["name": "p"], "spec": pod,
                    ]
                ],
            ],
        ]
        for object in objects {
            let text = String(decoding: try rewritten(object).encoded(), as: UTF8.self)
            #expect(text.contains("NEW web c"), "\(object["kind"]?.string ?? "")")
        }
    }

    @Test func `containers that are no objects, or have no image, are left alone`() throws {
        let object: JSONValue = [
            "spec": ["containers": ["web", 1, .null, ["name": "a"], ["name": "b", "image": 1]]]
        ]
        #expect(try rewritten(object) == object)
    }

    @Test func `numbers and unknown fields survive`() throws {
        let text = """
            {"seed":9007199254740993,"big":18446744073709551615,"ratio":0.1,"spec":{"containers":\
            [{"image":"web","name":"c","x-unknown":[1e3,null,true]}]}}
            """
        let result = try rewritten(JSONValue(parsing: text))
        #expect(result["seed"] == .integer(9_007_199_254_740_993))
        #expect(result["big"] == .unsigned(18_446_744_073_709_551_615))
        #expect(result["ratio"]?.number == 0.1)
        let container = result["spec"]?["containers"]?[0]
        #expect(container?["x-unknown"] == [.number(1000), .null, true])
    }

    @Test func `every use is listed with its object and container`() throws {
        let object: JSONValue = [
            "apiVersion": .apiVersion(of: "Pod"), "kind": "Pod", "metadata": ["name": "p"],
            "spec": ["containers": [["name": "c", "image": "redis:7"]]],
        ]
        #expect(
            ContainerUse.all(in: [object])
                == [.init(object: "Pod/p", container: "c", reference: "redis:7")])
    }

    private func pod(_ image: String) -> JSONValue {
        [
            "apiVersion": .apiVersion(of: "Pod"), "kind": "Pod",
            "spec": ["containers": [["name": "c", "image": .string(image)]]],
        ]
    }

    @Test func `a built image that nothing uses is an error that lists what is used`() throws {
        let objects = ["mongo:7", "ghcr.io/other/web:1", "mongo:7"].map(pod)
        let rewriter = try rewriter()
        let error = #expect(throws: DevClusterError.self) {
            try rewriter.requireUse(of: ["web"], in: objects, place: "manifest")
        }
        #expect(error?.message == "no manifest uses the image 'web'")
        #expect(error?.hint?.hasPrefix("they name: ghcr.io/other/web:1, mongo:7;") == true)
        #expect(error?.hint?.contains("matches") == true)
        #expect(error?.code == .usage)
    }

    @Test func `images that are used are no error, and neither are none`() throws {
        let rewriter = try rewriter()
        try rewriter.requireUse(
            of: ["web", "team/api"], in: ["web:1", "team/api"].map(pod), place: "manifest")
        try rewriter.requireUse(of: [], in: [], place: "manifest")
        let error = #expect(throws: DevClusterError.self) {
            try rewriter.requireUse(of: ["web"], in: [], place: "workload in namespace demo")
        }
        #expect(error?.message == "no workload in namespace demo uses the image 'web'")
        #expect(error?.hint?.hasPrefix("there are none") == true)
    }

    @Test(arguments: [
        ("Deployment", "deployment/web"), ("StatefulSet", "statefulset/web"),
        ("DaemonSet", "daemonset/web"), ("Job", "job/web"),
    ]) func `what rolls out is a workload`(kind: String, text: String) throws {
        let object = ManifestObject([
            "apiVersion": .apiVersion(of: kind), "kind": .string(kind), "metadata": ["name": "web"],
        ])
        #expect(object.workload?.description == text)
    }

    @Test(arguments: ["CronJob", "Pod", "ReplicaSet", ""])
    func `what does not roll out is none`(kind: String) {
        #expect(
            ManifestObject([
                "apiVersion": .apiVersion(of: kind), "kind": .string(kind),
                "metadata": ["name": "web"],
            ]).workload == nil)
    }
}
