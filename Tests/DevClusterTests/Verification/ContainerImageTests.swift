import Foundation
import Testing

@testable import Tools
@testable import Verification
@testable import Vocabulary

struct ContainerImageTests {
    private let hex = String(repeating: "a", count: 64)

    private func image(id: String) -> ContainerImage {
        ContainerImage(
            namespace: "n", pod: "p", container: "c", role: .container, image: "web", imageID: id)
    }

    @Test(arguments: [
        "localhost:5051/web@sha256:", "docker.io/library/import-2026-11-21@sha256:",
        // dockershim, after facts.md: a guess.
        "docker-pullable://localhost:5051/web@sha256:",
    ]) func `the digest of a manifest stands after the last @`(prefix: String) {
        let image = image(id: prefix + hex)
        #expect(image.runningDigest?.hex == hex)
        #expect(!image.isBare)
    }

    @Test(arguments: ["sha256:", "docker://sha256:"])
    func `without an @ it is the digest of the configuration`(prefix: String) {
        let image = image(id: prefix + hex)
        #expect(image.runningDigest?.hex == hex)
        #expect(image.isBare)
    }

    @Test(arguments: ["", "web", "web@", "web@sha256:abc", "sha512:abc", "@", "://"])
    func `what holds no digest has none`(id: String) {
        #expect(image(id: id).runningDigest == nil)
    }

    @Test func `statuses are paired by name, not by place`() throws {
        // A guess: kubelet sorts statuses by name, which the recorded pods do not show.
        let text = """
            {"metadata": {"name": "p", "namespace": "n"}, "spec": {"nodeName": "worker",
             "containers": [{"name": "b", "image": "b:1"}, {"name": "a", "image": "a:1"}],
             "initContainers": [{"name": "i", "image": "i:1"}],
             "ephemeralContainers": [{"name": "e", "image": "e:1"}]},
             "status": {"phase": "Running",
             "containerStatuses": [{"name": "a", "image": "a:1", "imageID": "A"},
              {"name": "b", "image": "b:1", "imageID": "B"}],
             "initContainerStatuses": [{"name": "i", "image": "i:1", "imageID": "I"}],
             "ephemeralContainerStatuses": [{"name": "e", "image": "e:1", "imageID": "E"}]}}
            """
        let pod = try JSONDecoder().decode(KubernetesPod.self, from: Data(text.utf8))
        let images = ContainerImage.all(of: pod)
        #expect(images.map(\.container) == ["i", "b", "a", "e"])
        #expect(images.map(\.imageID) == ["I", "B", "A", "E"])
        #expect(images.map(\.role) == [.`init`, .container, .container, .ephemeral])
        #expect(images.allSatisfy { $0.node == "worker" && $0.namespace == "n" })
    }

    private func pod(_ name: String, in recording: String = "images") throws -> KubernetesPod {
        let list = try KubernetesList<KubernetesPod>(
            parsing: Data(try Fixture.cluster(recording).utf8))
        return try #require(list.items.first { $0.metadata.name == name })
    }

    @Test func `a pod that is being deleted, or has finished, is exempt`() throws {
        let deleted = ContainerImage.all(of: try pod("one", in: "images-deleting"))
        #expect(deleted.map(\.exemption) == ["being deleted"])
        let finished = try pod("finished")
        #expect(ContainerImage.all(of: finished).map(\.exemption) == ["finished"])
        #expect(
            ContainerImage.all(of: finished, includesFinished: true).map(\.exemption) == [nil])
    }

    @Test func `a pod that no node took yet has images without digests`() throws {
        let images = ContainerImage.all(of: try pod("waiting"))
        #expect(images.map(\.imageID) == [""])
        #expect(images[0].node == nil)
    }
}
