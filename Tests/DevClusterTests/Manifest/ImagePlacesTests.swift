import Testing

@testable import Settings
@testable import Vocabulary

/// Where a reference to an image of ours is found, and where the same text means something else.
struct ImagePlacesTests {
    private func rewriter(paths: [(kind: String, jsonPath: String)] = []) throws -> ImageRewriter {
        ImageRewriter(
            images: [
                Configuration.Image(
                    name: try RepositoryName("worker"),
                    matches: [
                        try ImageReference("ghcr.io/acme/worker"),
                        try ImageReference("acme/worker"),
                    ],
                    paths: try paths.map {
                        Configuration.ImagePath(
                            kind: try ObjectKind($0.kind), jsonPath: try JSONPath($0.jsonPath))
                    })
            ],
            registryNames: ["localhost:5051"])
    }

    private func object(_ json: String) throws -> JSONValue { try JSONValue(parsing: json) }

    /// `PATH=REFERENCE` of each place.
    private func found(_ json: String, paths: [(String, String)] = []) throws -> [String] {
        try rewriter(paths: paths.map { ($0.0, $0.1) }).uses(in: object(json))
            .map { "\($0.path)=\($0.reference)" }
    }

    private func rewritten(_ json: String, paths: [(String, String)] = []) throws -> JSONValue {
        try rewriter(paths: paths.map { ($0.0, $0.1) }).rewrite(object(json)) { _ in
            "localhost:5051/worker:new"
        }
    }

    @Test(arguments: [
        // A custom resource's field.
        (#"{"kind":"Site","apiVersion":"e.com/v1","spec":{"image":"worker"}}"#, "spec.image"),
        (
            #"{"kind":"S","apiVersion":"e/v1","spec":{"workerImage":"worker:1"}}"#,
            "spec.workerImage"
        ),
        (
            #"{"kind":"S","apiVersion":"e/v1","spec":{"images":{"worker":"worker"}}}"#,
            "spec.images.worker"
        ),
        (
            #"{"kind":"S","apiVersion":"e/v1","spec":{"engine":"ghcr.io/acme/worker:2"}}"#,
            "spec.engine"
        ),
        // Argo, Tekton, Knative, ephemeral containers.
        (
            #"{"kind":"Workflow","spec":{"templates":[{"name":"a","container":{"image":"worker"}}]}}"#,
            "spec.templates[a].container.image"
        ),
        (
            #"{"kind":"Workflow","spec":{"templates":[{"name":"a","script":{"image":"worker"}}]}}"#,
            "spec.templates[a].script.image"
        ),
        (
            #"{"kind":"Task","spec":{"steps":[{"name":"build","image":"worker"}]}}"#,
            "spec.steps[build].image"
        ),
        (#"{"kind":"Task","spec":{"sidecars":[{"image":"worker"}]}}"#, "spec.sidecars[0].image"),
        (
            #"{"kind":"Service","apiVersion":"serving.knative.dev/v1","spec":{"template":{"spec":{"containers":[{"image":"worker"}]}}}}"#,
            "spec.template.spec.containers[0].image"
        ),
        (
            #"{"kind":"Pod","spec":{"ephemeralContainers":[{"name":"d","image":"worker"}]}}"#,
            "spec.ephemeralContainers[d].image"
        ),
        // A volume that is an image.
        (
            #"{"kind":"Pod","spec":{"volumes":[{"name":"v","image":{"reference":"worker"}}]}}"#,
            "spec.volumes[v].image.reference"
        ),
        // Variables and parameters.
        (
            #"{"spec":{"containers":[{"name":"c","env":[{"name":"WORKER_IMAGE","value":"worker"}]}]}}"#,
            "spec.containers[c].env[WORKER_IMAGE].value"
        ),
        (
            #"{"spec":{"containers":[{"name":"c","env":[{"name":"W","value":"acme/worker:1"}]}]}}"#,
            "spec.containers[c].env[W].value"
        ),
        (
            #"{"kind":"TaskRun","spec":{"params":[{"name":"image","value":"worker"}]}}"#,
            "spec.params[image].value"
        ),
        // Arguments.
        (#"{"spec":{"args":["--worker-image","worker"]}}"#, "spec.args[1]"),
        (#"{"spec":{"args":["run","ghcr.io/acme/worker"]}}"#, "spec.args[1]"),
        (#"{"spec":{"args":["--image=worker"]}}"#, "spec.args[0]"),
        (#"{"spec":{"args":["--with=ghcr.io/acme/worker:3"]}}"#, "spec.args[0]"),
        // ConfigMaps and annotations.
        (#"{"kind":"ConfigMap","data":{"WORKER_IMAGE":"worker"}}"#, "data.WORKER_IMAGE"),
        (#"{"kind":"ConfigMap","data":{"w":"ghcr.io/acme/worker"}}"#, "data.w"),
        (
            #"{"metadata":{"annotations":{"e.com/worker-image":"worker"}}}"#,
            "metadata.annotations['e.com/worker-image']"
        ),
    ]) func `an image is found wherever it stands`(json: String, path: String) throws {
        let uses = try rewriter().uses(in: object(json))
        #expect(uses.map(\.path.description) == [path])
        #expect(uses.map(\.image) == ["worker"])
    }

    @Test(arguments: [
        #"{"kind":"Service","metadata":{"name":"worker","labels":{"image":"worker"}}}"#,
        #"{"spec":{"selector":{"image":"worker"},"serviceName":"worker"}}"#,
        #"{"spec":{"containers":[{"name":"worker","image":"redis:7","command":["worker"]}]}}"#,
        #"{"spec":{"env":[{"name":"QUEUE","value":"worker"},{"name":"HOST","value":"worker:6379"}]}}"#,
        #"{"spec":{"env":[{"name":"GITHUB_REPOSITORY","value":"acme/worker"}]}}"#,
        #"{"spec":{"args":["--queue","worker","--queue=worker"]}}"#,
        #"{"kind":"ConfigMap","data":{"app":"worker","file":"image: worker\n"}}"#,
        #"{"spec":{"source":{"repository":"acme/worker","tag":"v1"}}}"#,
        #"{"spec":{"imagePullSecrets":[{"name":"worker"}],"imagePullPolicy":"worker"}}"#,
        #"{"spec":{"images":[{"name":"worker","newTag":"1"}]}}"#,
        #"{"status":{"image":"worker"}}"#,
        #"{"spec":{"image":"ghcr.io/other/worker"}}"#,
    ]) func `a name that may be something else is left alone`(json: String) throws {
        #expect(try found(json).isEmpty)
        #expect(try rewritten(json) == object(json))
    }

    @Test func `an option keeps its name, and other arguments their places`() throws {
        let new = try rewritten(
            #"{"args":["-v","--image=worker:1","--side=ghcr.io/acme/worker","worker"]}"#)
        #expect(
            new["args"] == [
                "-v", "--image=localhost:5051/worker:new", "--side=localhost:5051/worker:new",
                "worker",
            ])
    }

    @Test func `a reference in parts gets repository and tag, and loses its digest`() throws {
        let one = try rewritten(
            #"{"image":{"repository":"ghcr.io/acme/worker","tag":"1","digest":"sha256:0"}}"#)
        #expect(one["image"] == ["repository": "localhost:5051/worker", "tag": "new"])
        let three = try rewritten(
            #"{"image":{"registry":"ghcr.io","repository":"acme/worker","tag":"1","pullPolicy":"A"}}"#
        )
        #expect(
            three["image"] == [
                "registry": "localhost:5051", "repository": "worker", "tag": "new",
                "pullPolicy": "A",
            ])
        let flat = try rewritten(#"{"spec":{"image":"worker","tag":"v2"}}"#)
        #expect(flat["spec"] == ["image": "localhost:5051/worker", "tag": "new"])
        #expect(
            try found(#"{"image":{"registry":"ghcr.io","repository":"acme/worker","tag":"1"}}"#)
                == ["image=ghcr.io/acme/worker:1"])
    }

    @Test func `a declared place is replaced whatever stands there`() throws {
        let json =
            #"{"kind":"Site","apiVersion":"e.com/v1","spec":{"runs":"worker","x":["PLACE"]}}"#
        let new = try rewritten(
            json, paths: [("Site", ".spec.runs"), ("Site.e.com", ".spec.x[0]")])
        #expect(
            new["spec"] == [
                "runs": "localhost:5051/worker:new", "x": ["localhost:5051/worker:new"],
            ])
        #expect(try rewritten(json, paths: [("Site.other.com", ".spec.runs")]) == object(json))
        #expect(
            try found(
                #"{"kind":"Site","spec":{"image":"worker"}}"#, paths: [("Site", ".spec.image")])
                == ["spec.image=worker"], "once, though it is found without it")
    }

    @Test func `a declared place that no object has is an error that names it`() throws {
        let site = try object(#"{"kind":"Site","spec":{"a":1},"metadata":{"name":"blog"}}"#)
        func message(_ kind: String, _ path: String) throws -> String? {
            let rewriter = try rewriter(paths: [(kind, path)])
            return #expect(throws: DevClusterError.self) {
                try rewriter.requireDeclaredPlaces(in: [site])
            }?.message
        }
        #expect(
            try message("Page", ".spec.a")
                == "spec.images: the image 'worker' has a path in objects of"
                + " kind Page, and the manifests have none")
        #expect(
            try message("Site", ".spec.b")
                == "spec.images: the image 'worker' has the path .spec.b,"
                + " which leads to nothing in Site/blog")
        #expect(try message("Site", ".spec.a")?.contains("to a number, not to text") == true)
    }

    @Test func `where a name may be the image, the error says how to declare it`() throws {
        let map = try object(
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"app.run":"worker"}}"#
        )
        let rewriter = try rewriter()
        let error = #expect(throws: DevClusterError.self) {
            try rewriter.requireUse(of: ["worker"], in: [map], place: "manifest")
        }
        #expect(error?.message.contains(#"ConfigMap/m has "worker" at data['app.run']"#) == true)
        let hint = try #require(error?.hint)
        #expect(hint.hasSuffix(#"[{kind: ConfigMap, jsonPath: '.data.app\.run'}]"#), "\(hint)")
        let path = try JSONPath(#".data.app\.run"#)
        #expect(path.paths(in: map).map { $0.value(in: map) } == ["worker"], "what is said works")
    }

    @Test func `what a render program put into a text counts as use`() throws {
        try rewriter().requireUse(of: ["worker"], in: [], place: "manifest", named: ["worker"])
    }
}
