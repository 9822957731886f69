import Testing

@testable import Forwards
@testable import Tools

/// Which pod a forward leads to, from one view of the cluster to the next.
struct ForwardTargetTests {
    private let spec = sampleSpec("svc/web", "80")

    @Test func `a view from before the request is not judged by`() throws {
        let view = try SampleCluster.view()
        var target = ForwardTarget(reading: view.completed + 1)
        target.choose(from: view, for: spec)
        #expect(target.choice == .unknown)
        #expect(target.isLost)
        #expect(target.usable(view) == nil)
        target.require(reading: view.completed)
        target.choose(from: view, for: spec)
        #expect(target.isReady)
        #expect(target.destination?.pod.name == "web-68dfc84d4b-td6bw")
    }

    @Test func `a target that is deleted is lost, and found again with the next view that has it`()
        throws
    {
        var view = try SampleCluster.view()
        var target = ForwardTarget(reading: 1)
        view.beginReading()
        view.endReading([])
        target.choose(from: view, for: spec)
        #expect(target.isImpossible)
        #expect(target.destination == nil)
        view.beginReading()
        view.endReading(try SampleCluster.items("list"))
        target.choose(from: view, for: spec)
        #expect(target.isReady)
        #expect(!target.isLost)
    }

    @Test func `a view that became too old leaves nothing known`() throws {
        var target = ForwardTarget(reading: 1)
        target.choose(from: try SampleCluster.view(), for: spec)
        target.choose(from: nil, for: spec)
        #expect(target.choice == .unknown)
        #expect(!target.isReady)
    }
}
