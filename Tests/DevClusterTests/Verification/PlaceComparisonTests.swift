import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Tools
@testable import Verification
@testable import Vocabulary
@testable import Workloads

/// Templates of which no pod runs now, compared with what the last deploy put into them.
///
/// Recorded: a CronJob whose job runs.
struct PlaceComparisonTests {
    private let sample: SampleSession
    private let applied = "localhost:5051/app:dev-nogit-20261126T165845206Z"

    init() throws {
        sample = try SampleSession(["namespace": "rec-hand", "images": [["name": "app"]]])
    }

    /// What is found of the CronJob, whose template names another image.
    private func judged(naming image: String) throws -> JudgedContainer? {
        try sample.session.remember(
            placed: [PlacedWorkload(cronJob, containers: ["web": applied])], areComplete: true)
        let text = try Fixture.cluster("rollout-cronjob-running").replacing(
            "localhost:5077/app:dev-nogit-20261126T165845206Z", with: image)
        let objects = try RolloutObjects(parsing: Data(text.utf8))
        let templates = VerificationSubject.templates(in: objects)
        #expect(templates.map(\.container.pod) == ["cronjob/cj"])
        let places = try PlaceComparison(
            session: sample.session, namespaces: ["rec-hand"], built: [], builds: [])
        return places.judged(template: try #require(templates.first).container)
    }

    private var cronJob: WorkloadReference {
        get throws { WorkloadReference(.cronjob, try ObjectName("cj")) }
    }

    @Test(
        arguments: [
            "localhost:5051/app:old", "localhost:5051/page:1", "docker.io/library/other:1",
            "localhost:5051/app:dev-nogit-20261126T165810182Z",
        ])
    func `a CronJob that was given another image is stale before it runs`(_ image: String) throws {
        let found = try #require(try judged(naming: image))
        #expect(found.verdict == .stale)
        #expect(found.cause == .otherImage)
        #expect(found.reason == "cronjob/cj names \(image); the last deploy put \(applied) there")
    }

    @Test(arguments: ["165845206", "165845207"])
    func `what was deployed, or built later, is not told`(_ time: String) throws {
        let image = "localhost:5051/app:dev-nogit-20261126T\(time)Z"
        #expect(try judged(naming: image) == nil)
    }

    @Test func `a container that lost its image of ours has no place any more`() throws {
        let session = sample.session
        let web = try PlacedWorkload(
            WorkloadReference("deployment/web"), containers: ["a": "x/a:1", "b": "x/b:1"])
        try session.remember(placed: [web], areComplete: true)
        let less = PlacedWorkload(web.reference, containers: ["a": "x/a:2"])
        try session.remember(placed: [less], areComplete: false)
        #expect(
            try session.placed(in: "rec-hand") == ["deployment/web": ["a": "x/a:2", "b": "x/b:1"]])
        try session.remember(placed: [less], areComplete: true)
        #expect(try session.placed(in: "rec-hand") == ["deployment/web": ["a": "x/a:2"]])
        let none = PlacedWorkload(web.reference, containers: [:])
        try session.remember(placed: [none], areComplete: true)
        #expect(try session.placed(in: "rec-hand") == [:])
    }
}
