import TestSupport
import Testing

@testable import Deployment
@testable import Images
@testable import Sessions
@testable import Vocabulary

/// A deploy that is refused has made nothing.
struct RefusedDeployTests {
    private let sample: SampleSession

    init() throws {
        sample = try SampleSession([
            "namespace": "shop",
            "images": [["name": "web", "context": "web"], ["name": "api", "context": "api"]],
            "manifests": ["k8s"],
        ])
    }

    private func deployment(_ image: String, policy: String) -> JSONValue {
        let container: JSONValue = [
            "name": "main", "image": .string(image), "imagePullPolicy": .string(policy),
        ]
        return [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web"],
            "spec": ["template": ["spec": ["containers": [container]]]],
        ]
    }

    private func change(_ object: JSONValue, phase: String?) async throws {
        let built = BuiltImage(
            name: "web", reference: "localhost:5051/web:dev-2", tag: "dev-2", imageID: "",
            buildSeconds: 0, pushSeconds: 0, isUnchanged: false)
        // What is there goes with a namespace that is being deleted.
        let live = deployment("localhost:5051/api:dev-1", policy: "IfNotPresent")
        _ = try await Deploy(session: sample.session).change(
            [built], [object], DeployTarget.State(objects: [live], phase: phase), nil,
            isRollback: false)
    }

    @Test(arguments: [nil, "Terminating"])
    func `an image that may not be pulled is refused before the namespace is made`(phase: String?)
        async throws
    {
        let error = await #expect(throws: DevClusterError.self) {
            try await change(deployment("web", policy: "Never"), phase: phase)
        }
        #expect(error?.message.hasPrefix("Deployment/web, container main: ") == true)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `an image that only others are built on needs no manifest, and cannot come alone`()
        throws
    {
        try sample.folder.write("FROM api\n", to: "web/Containerfile")
        try sample.folder.write("FROM scratch\n", to: "api/Containerfile")
        let deploy = Deploy(session: sample.session)
        let sources = [deployment("web", policy: "IfNotPresent")]
        let announced = AnnouncedImages(references: [:])
        let idle = try deploy.idleBases(
            among: ["web", "api"], in: sources, announced, live: [])
        #expect(idle == ["api"])
        let error = #expect(throws: DevClusterError.self) {
            try deploy.idleBases(among: ["api"], in: sources, announced, live: [])
        }
        #expect(error?.message == "no manifest uses the image 'api'")
        #expect(error?.hint == "'web' is built on it: devcluster deploy web")
    }

    @Test(arguments: [nil, "Terminating"])
    func `an image that was never deployed is refused before the namespace is made`(
        phase: String?
    ) async throws {
        let error = await #expect(throws: DevClusterError.self) {
            try await change(deployment("api", policy: "IfNotPresent"), phase: phase)
        }
        #expect(error?.message.hasPrefix("the image 'api' was never deployed") == true)
        #expect(sample.runner.calls.isEmpty)
    }
}
