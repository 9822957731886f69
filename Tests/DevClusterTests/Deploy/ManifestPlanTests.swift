import Testing

@testable import Deployment
@testable import Images
@testable import Settings
@testable import Tools
@testable import Vocabulary

struct ManifestPlanTests {
    private func image(_ name: String) throws -> BuiltImage {
        BuiltImage(
            name: name, reference: "localhost:5051/\(name):dev-2", tag: "dev-2", imageID: "",
            digest: nil, buildSeconds: 0, pushSeconds: 0, isUnchanged: false)
    }

    private func workload(
        _ kind: String, _ name: String, _ image: String, namespace: String? = nil
    ) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": .apiVersion(of: kind), "kind": .string(kind),
            "metadata": ["name": .string(name)],
            "spec": [
                "template": [
                    "metadata": ["labels": ["app": .string(name)]],
                    "spec": ["containers": [["name": "main", "image": .string(image)]]],
                ]
            ],
        ]
        if let namespace { object["metadata"]?["namespace"] = .string(namespace) }
        return object
    }

    private func plan(
        _ objects: [JSONValue], built: [String], live: [JSONValue] = [],
        placed: [String: [String: [String: String]]] = [:]
    ) throws -> ManifestPlan {
        let images = try ["web", "api"].map {
            Configuration.Image(name: try RepositoryName($0))
        }
        let rewriter = ImageRewriter(images: images, registryNames: ["localhost:5051"])
        return try ManifestPlan(
            objects, built: built.map { try image($0) }, rewriter: rewriter,
            live: LiveImages(objects: live, rewriter: rewriter, home: "demo", placed: placed),
            namespace: "demo", project: "angzarr")
    }

    private func reference(_ object: JSONValue) -> String? {
        object["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]?.string
    }

    @Test func `a built image takes its place, and its workload is the changed one`() throws {
        let plan = try plan(
            [workload("Deployment", "web", "web"), workload("Deployment", "db", "mongo:7")],
            built: ["web"])
        #expect(plan.objects.map(reference) == ["localhost:5051/web:dev-2", "mongo:7"])
        #expect(plan.workloads.map(\.description) == ["deployment/web", "deployment/db"])
        #expect(plan.changed.map(\.description) == ["deployment/web"])
    }

    @Test func `an image that is not built now keeps what runs`() throws {
        let plan = try plan(
            [workload("Deployment", "web", "web"), workload("Deployment", "api", "api")],
            built: ["web"],
            live: [workload("Deployment", "api", "localhost:5051/api:dev-1")])
        #expect(
            plan.objects.map(reference) == ["localhost:5051/web:dev-2", "localhost:5051/api:dev-1"])
        #expect(plan.changed.map(\.description) == ["deployment/web"])
    }

    @Test func `a live object of another kind or container is not taken for it`() throws {
        let error = #expect(throws: DevClusterError.self) {
            try plan(
                [workload("Deployment", "web", "web"), workload("Deployment", "api", "api")],
                built: ["web"],
                live: [workload("StatefulSet", "api", "localhost:5051/api:dev-1")])
        }
        #expect(error?.message.contains("'api' was never deployed") == true)
    }

    @Test func `an image that never ran has to be built, and the hint says how`() {
        let error = #expect(throws: DevClusterError.self) {
            try plan(
                [workload("Deployment", "web", "web"), workload("Deployment", "api", "api:1")],
                built: ["web"])
        }
        #expect(error?.message == "the image 'api' was never deployed, so it has to be built now")
        #expect(error?.hint == "devcluster deploy web api")
    }

    @Test func `a container that was given the image of others gets what was deployed there again`()
        throws
    {
        let plan = try plan(
            [workload("Deployment", "web", "web"), workload("Deployment", "api", "api")],
            built: ["web"], live: [workload("Deployment", "api", "docker.io/library/other:1")],
            placed: ["demo": ["deployment/api": ["main": "localhost:5051/api:dev-1"]]])
        #expect(
            plan.objects.map(reference) == ["localhost:5051/web:dev-2", "localhost:5051/api:dev-1"])
    }

    @Test func `labels stand on the object and never in its pod template`() throws {
        let object = try plan([workload("Deployment", "web", "web")], built: ["web"]).objects[0]
        #expect(
            object["metadata"]?["labels"] == [
                "devcluster.dev/managed": "true", "devcluster.dev/project": "angzarr",
                "devcluster.dev/namespace": "demo",
            ])
        #expect(
            object["spec"]?["template"]?["metadata"]?["labels"] == ["app": "web"])
    }

    @Test func `labels that are there stay, and an object without metadata gets some`() throws {
        let objects: [JSONValue] = [
            [
                "apiVersion": .apiVersion(of: "Service"), "kind": "Service",
                "metadata": ["name": "web", "labels": ["team": "a"]],
            ],
            ["kind": "Strange"],
        ]
        let plan = try plan(objects, built: [])
        #expect(plan.objects[1]["metadata"]?["labels"]?["team"]?.string == "a")
        #expect(plan.objects[0]["metadata"]?["labels"]?.object?.count == 3)
    }

    @Test func `what others need comes first, the rest keeps its order`() throws {
        let kinds = [
            "Service", "NetworkPolicy", "Deployment", "CustomResourceDefinition", "Sample",
            "Namespace", "ConfigMap",
        ]
        let objects = kinds.map { kind -> JSONValue in
            ["apiVersion": .apiVersion(of: kind), "kind": .string(kind), "metadata": ["name": "x"]]
        }
        #expect(
            try plan(objects, built: []).objects.map { ManifestObject($0).kind } == [
                "Namespace", "CustomResourceDefinition", "ConfigMap", "NetworkPolicy", "Sample",
                "Service", "Deployment",
            ])
    }

    @Test func `workloads of all namespaces are waited for, those of others named with theirs`()
        throws
    {
        let plan = try plan(
            [
                workload("Deployment", "web", "web"),
                workload("Deployment", "far", "web", namespace: "other"),
                workload("Deployment", "near", "web", namespace: "demo"),
            ], built: ["web"])
        #expect(plan.objects.count == 3)
        #expect(
            plan.workloads.map(\.description) == [
                "deployment/web", "deployment/far (namespace other)", "deployment/near",
            ])
    }

    @Test func `what runs in another namespace is not taken for it`() throws {
        let far = workload("Deployment", "api", "localhost:5051/api:far", namespace: "other")
        let near = workload("Deployment", "api", "localhost:5051/api:near", namespace: "demo")
        let plan = try plan(
            [workload("Deployment", "api", "api")], built: [], live: [far, near])
        #expect(plan.objects.map(reference) == ["localhost:5051/api:near"])
    }

    @Test
    func `a custom resource keeps the image that is not built now, and what was replaced is told`()
        throws
    {
        func site(_ image: String) -> JSONValue {
            [
                "apiVersion": "e.com/v1", "kind": "Site",
                "metadata": ["name": "blog", "namespace": "demo"],
                "spec": ["image": .string(image), "pages": [["image": "web:1"]]],
            ]
        }
        let plan = try plan([site("api")], built: ["web"], live: [site("localhost:5051/api:dev-1")])
        #expect(plan.objects[0]["spec"]?["image"] == "localhost:5051/api:dev-1")
        #expect(
            plan.rewritings.map(\.text) == [
                "demo/Site.e.com/blog  spec.image: api → localhost:5051/api:dev-1",
                "demo/Site.e.com/blog  spec.pages[0].image: web:1 → localhost:5051/web:dev-2",
            ])
    }

    @Test func `arguments that moved keep the image that is not built now`() throws {
        func set(_ arguments: [String]) -> JSONValue {
            var object = workload("Deployment", "ops", "web")
            object["spec"]?["template"]?["spec"]?["containers"]?[0]?["args"] =
                .array(arguments.map { .string($0) })
            return object
        }
        let plan = try plan(
            [set(["-v", "--image=api"])], built: ["web"],
            live: [set(["--image=localhost:5051/api:dev-1"])])
        #expect(
            plan.objects[0]["spec"]?["template"]?["spec"]?["containers"]?[0]?["args"]
                == ["-v", "--image=localhost:5051/api:dev-1"])
    }

    @Test func `pods, CronJobs and all else that has pods are waited for`() throws {
        let kinds = ["Pod", "CronJob", "ReplicaSet", "ReplicationController", "DaemonSet", "Job"]
        let other = workload("Deployment", "x", "web")
        var custom = other
        custom["apiVersion"] = "apps.example.com/v1"
        let plan = try plan(kinds.map { workload($0, "x", "web") } + [custom], built: ["web"])
        #expect(plan.workloads.map(\.description) == kinds.map { "\($0.lowercased())/x" })
    }

    @Test func `without images everything is applied as it is`() throws {
        let plan = try plan([workload("Deployment", "db", "mongo:7")], built: [])
        #expect(reference(plan.objects[0]) == "mongo:7")
        #expect(plan.changed.isEmpty)
    }
}
