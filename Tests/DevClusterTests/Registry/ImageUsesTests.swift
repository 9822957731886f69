import Foundation
import Testing

@testable import Registries
@testable import Vocabulary

struct ImageUsesTests {
    private func uses(_ text: String) throws -> ImageUses {
        var uses = ImageUses()
        uses.add(try JSONValue(parsing: Data(text.utf8)))
        return uses
    }

    @Test func `pods use what their specs name and what their containers run`() throws {
        let uses = try uses(Fixture.cluster("images"))
        #expect(uses.uses("rec-again", tag: "1"))
        #expect(uses.uses("rec-web", tag: "index"))
        #expect(!uses.uses("rec-web", tag: "2"))
        let running = "sha256:3d595f438fbce8842315cc2d70343da04a1e50a6f83fe185e40ba6e69ed41d94"
        let pinned = "sha256:21e9822d5ca4b78f96ff9b5fbb9e718262a69d8eaa060d7af7595be33d7b8662"
        let bare = "sha256:3224257d1d5a59de0ab11909d0fccdfd76ee4b41f455faec97ed61d6c5dc4e94"
        #expect(uses.digests.isSuperset(of: try [running, pinned, bare].map { try Digest($0) }))
    }

    @Test func `the name that a status reports is no use of that tag`() throws {
        let status =
            #"{"image": "a:old", "imageID": "a@sha256:\#(String(repeating: "a", count: 64))"}"#
        let uses = try uses(
            #"{"spec": {"image": "a:new"}, "status": {"containerStatuses": [\#(status)]}}"#)
        #expect(uses.tags == ["a:new"])
        #expect(uses.digests.count == 1)
    }

    @Test func `an operator's variables and arguments are uses`() throws {
        let uses = try uses(
            #"{"env": [{"value": "localhost:5001/worker:a"}], "args": ["--image=k:5000/api:b"]}"#)
        #expect(uses.tags == ["worker:a", "api:b"])
    }

    @Test func `workloads use what their templates name`() throws {
        let uses = try uses(Fixture.cluster("rollout-updating"))
        #expect(!uses.tags.isEmpty)
    }

    /// Hand-made after the API's types: a CronJob's template lies deepest.
    @Test func `templates are found at every depth, with or without host and tag`() throws {
        let uses = try uses(
            """
            {"items": [{"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec":
              {"containers": [{"image": "registry:5000/team/tool:v1"}],
               "initContainers": [{"image": "plain"}],
               "ephemeralContainers": [{"image": "not an image"}]}}}}}}]}
            """)
        #expect(uses.tags == ["team/tool:v1", "plain:latest"])
        #expect(uses.digests.isEmpty)
    }

    /// Hand-made after the API's types: Kubernetes 1.31 brought them.
    @Test func `a volume that is an image is a use of it`() throws {
        let uses = try uses(
            """
            {"kind": "Pod", "spec": {"volumes": [{"name": "model",
              "image": {"reference": "localhost:5001/model:v1", "pullPolicy": "Always"}}]}}
            """)
        #expect(uses.tags == ["model:v1"])
    }

    /// Hand-made: dockershim is not in the lab.
    @Test func `the forms of other runtimes are understood`() throws {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        for form in ["docker-pullable://web@\(digest)", "docker://\(digest)", digest] {
            let found = try uses(#"{"imageID": "\#(form)"}"#).digests
            #expect(found == [try Digest(digest)])
        }
    }
}
