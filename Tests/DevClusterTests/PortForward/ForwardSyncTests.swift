import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct ForwardSyncTests {
    private func service(_ annotation: String?) throws -> ObjectMetadata {
        var annotations: [String: String] = [:]
        annotations["devcluster.dev/forward"] = annotation
        return ObjectMetadata(name: "gateway", namespace: "shop", annotations: annotations)
    }

    @Test func `an annotation asks for one forward or several`() throws {
        var problems: [String] = []
        let specs = ForwardSync.specs(of: try service("19099:8080, 29099:metrics"), &problems)
        #expect(specs.map(\.port) == [19099, 29099])
        #expect(specs.map(\.targetPort) == ["8080", "metrics"])
        #expect(specs.map(\.name) == ["shop-gateway-19099", "shop-gateway-29099"])
        #expect(specs.allSatisfy { $0.target == "svc/gateway" && $0.origin == .annotated })
        #expect(problems.isEmpty)
        #expect(ForwardSync.specs(of: try service(nil), &problems).isEmpty)
    }

    @Test(arguments: ["", "80", "1:2:3", "0:80", "80:UPPER", "8080:80,"])
    func `an annotation that says something else is named and asks for nothing`(text: String)
        throws
    {
        var problems: [String] = []
        #expect(ForwardSync.specs(of: try service(text), &problems).isEmpty)
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix("service shop/gateway: devcluster.dev/forward is") == true)
    }

    @Test func `two that want one port are both named, and the first has it`() {
        var second = sampleSpec("svc/api", "80")
        (second.name, second.origin) = ("api", .annotated)
        var problems: [String] = []
        let kept = ForwardSync.withoutConflicts([sampleSpec("svc/web", "80"), second], &problems)
        #expect(kept.map(\.name) == ["web"])
        #expect(
            problems == [
                "'web' in spec.forwards and the annotation of service shop/api both want port"
                    + " 18080: the first has it"
            ])
    }

    @Test(arguments: [
        ("svc-gateway-8080", "svc-gateway-8080"), ("pod-a.b-1", "pod-a-b-1"), ("--A", "a"),
    ]) func `any text gives a name that a forward can have`(text: String, name: String) throws {
        #expect(ForwardName.made(of: text) == name)
        #expect(throws: Never.self) { try ForwardName(name) }
        let long = ForwardName.made(of: String(repeating: "a", count: 100))
        #expect(throws: Never.self) { try ForwardName(long) }
    }
}

/// What a sync ends, decided by what the cluster answers. The supervisor is none, as nothing new
/// is started.
struct ForwardSyncEndingTests {
    private let sample: SampleSession
    private var folder: String { sample.place.folder }

    private static let none = #"{"items":[]}"#
    private static let gateway = """
        {"items":[{"metadata":{"name":"gateway","namespace":"shop",
        "annotations":{"devcluster.dev/forward":"18080:80"}}}]}
        """

    init() throws {
        sample = try SampleSession(["namespace": "shop"])
        try sample.remember()
        var spec = sampleSpec("svc/gateway", "80")
        (spec.name, spec.origin) = ("shop-gateway-18080", .annotated)
        try ForwardSpecs(context: "kind-devcluster-demo", kubeconfig: nil, forwards: [spec])
            .write(folder)
        // As if its supervisor, this process, had it running.
        var record = ForwardRecord(spec, context: "kind-devcluster-demo", state: .running)
        record.supervisor = .current
        try ForwardLedger(folder: folder).write(record)
    }

    private func sync(_ answers: [Outcome]) async throws -> ForwardSyncReport {
        for answer in answers {
            sample.runner.expectKubectl(["get", "services"], returning: answer)
        }
        var sync = ForwardSync(session: sample.session)
        sync.pause = .zero
        return try await sync.run()
    }

    @Test func `a Service that is gone in three readings loses its forward`() async throws {
        let none = Outcome.ok(ForwardSyncEndingTests.none)
        let report = try await sync([none, none, none])
        #expect(report.ended == ["shop-gateway-18080"])
        #expect(report.exitCode == 0)
        #expect(try ForwardLedger(folder: folder).statuses().isEmpty)
    }

    @Test func `a Service that comes back in the third reading keeps it`() async throws {
        let report = try await sync([
            .ok(ForwardSyncEndingTests.none), .ok(ForwardSyncEndingTests.none),
            .ok(ForwardSyncEndingTests.gateway),
        ])
        #expect(report.ended.isEmpty)
        #expect(report.forwards.map(\.forward.name) == ["shop-gateway-18080"])
    }

    @Test func `a reading that fails ends nothing, and is told`() async throws {
        let report = try await sync([.failure(1)])
        #expect(report.ended.isEmpty)
        #expect(report.problems.count == 1)
        #expect(report.exitCode == 2)
        #expect(try ForwardLedger(folder: folder).statuses().count == 1)
    }

    @Test func `a confirmation that fails ends nothing`() async throws {
        let report = try await sync([.ok(ForwardSyncEndingTests.none), .failure(1)])
        #expect(report.ended.isEmpty)
    }
}

struct ForwardJournalTests {
    @Test func `a log begins anew at its limit, and keeps the one before`() throws {
        let folder = try TemporaryFolder()
        let journal = ForwardJournal(path: folder.file("log"), limit: 1000)
        for index in 0..<100 { journal.write("line \(index)") }
        let sizes = try ["log", "log.1"].map { try folder.text($0).utf8.count }
        #expect(sizes.allSatisfy { $0 <= 1100 })
        let lines = try journal.lines(10)
        #expect(lines.count == 10)
        #expect(lines.last?.hasSuffix("line 99") == true)
        #expect(lines.first?.hasSuffix("line 90") == true)
    }
}
