import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Verification
@testable import Vocabulary

struct VerificationReportTests {
    private func exitCode(_ verdicts: [ImageVerdict]) -> Int32 {
        let subject = ContainerImage(
            namespace: "n", pod: "p", container: "c", role: .container, image: "web", imageID: "")
        return VerificationReport(
            containers: verdicts.map {
                JudgedContainer(
                    subject: subject, verdict: $0, running: nil, served: nil, reason: nil)
            }
        ).exitCode
    }

    @Test(
        arguments: [
            ([.match], 0), ([.matchPlatform, .matchConfig, .sameContent], 0),
            ([.match, .notOurs, .notJudged], 0), ([.match, .stale], 2), ([.stale, .unknown], 2),
            ([.match, .unknown], 3), ([], 3), ([.notOurs], 3), ([.notJudged], 3),
        ] as [([ImageVerdict], Int32)])
    func `stale beats undecided, and undecided beats fresh`(verdicts: [ImageVerdict], code: Int32) {
        #expect(exitCode(verdicts) == code)
    }

    @Test func `every verdict has words of its own`() {
        #expect(Set(ImageVerdict.allCases.map(\.text)).count == ImageVerdict.allCases.count)
    }
}

/// How many questions are asked, and who is asked.
struct VerificationCostTests {
    private let sample: SampleSession
    private var registry = SampleRegistry()

    init() throws {
        sample = try SampleSession()
        try sample.remember()
        try registry.add("rec-stale", "1", "tag-stale")
        try registry.add("rec-stale", nil, "old-stale")
        try registry.add("rec-web", "1", "1")
    }

    /// The recorded pod so many times, under different names.
    private func pods(_ name: String, count: Int) throws -> String {
        let list = try JSONValue(parsing: Fixture.cluster("images"))
        let pod = try #require(
            list["items"]?.array?.first { $0["metadata"]?["name"]?.string == name })
        let items = (0..<count).map { index in
            var copy = pod
            copy["metadata"]?["name"] = .string("\(name)-\(index)")
            return copy
        }
        let copies: JSONValue = ["items": .array(items)]
        return String(decoding: try copies.encoded(), as: UTF8.self)
    }

    @Test func `many fresh containers cost one curl and one kubectl`() async throws {
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(try pods("one", count: 300)))
        sample.runner.expectCurl(registry)
        let report = try await ImageVerification(session: sample.session).run(.allNamespaces)
        #expect(report.count(.match) == 300)
        #expect(report.exitCode == 0)
        #expect(sample.runner.calls.count == 2)
        #expect(sample.runner.calls[0].arguments.contains("--all-namespaces"))
    }

    @Test func `many stale containers cost two curls more`() async throws {
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(try pods("stale", count: 300)))
        sample.runner.expectCurl(registry)
        let report = try await ImageVerification(session: sample.session).run(.allNamespaces)
        #expect(report.count(.stale) == 300)
        #expect(report.exitCode == 2)
        #expect(sample.runner.count("curl") == 3)
        #expect(sample.runner.calls.count == 4)
    }

    @Test func `an image gone from the registry costs one look into its node`() async throws {
        var gone = SampleRegistry()
        try gone.add("rec-gone", "1", "tag-gone")
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(try pods("gone", count: 50)))
        sample.runner.expectCurl(gone)
        try sample.runner.expectContents("worker")
        let report = try await ImageVerification(session: sample.session).run(.allNamespaces)
        #expect(report.count(.stale) == 50)
    }

    @Test func `a cluster that does not answer is an error, not a verdict`() async {
        sample.runner.expect("kubectl", returning: .failure(1, stderr: "refused"))
        let error = await #expect(throws: DevClusterError.self) {
            try await ImageVerification(session: sample.session).run(.namespace("demo"))
        }
        #expect(error?.message == "the cluster of context kind-devcluster-demo does not answer")
        #expect((error?.cause as? InvocationError)?.tail == "refused")
    }

    @Test func `without a cluster nothing is asked`() async throws {
        let none = try SampleSession()
        let error = await #expect(throws: DevClusterError.self) {
            try await ImageVerification(session: none.session).run(.allNamespaces)
        }
        #expect(error?.message == "there is no cluster 'devcluster-demo' of devcluster")
        #expect(none.runner.calls.isEmpty)
    }

    @Test func `workloads are judged by their own pods`() async throws {
        var hello = SampleRegistry()
        try hello.add("hello", "dev-nogit-20261121T115302180Z", "1")
        sample.runner.expectKubectl(
            ["get", "deployments.apps,replicasets.apps,pods"],
            returning: .ok(try Fixture.cluster("rollout-updating")))
        sample.runner.expectCurl(hello)
        try sample.runner.expectContents("worker", times: nil)
        let report = try await ImageVerification(session: sample.session).run(
            .workloads([try WorkloadReference("deployment/fine")], namespace: "rec-a"))
        #expect(
            Set(report.containers.map(\.subject.pod)) == [
                "fine-6ddfdc67d6-xmzfp", "fine-7f955b76dd-4mh87",
            ])
        // Each has an init container; the pods of other workloads are not listed.
        #expect(report.containers.count == 4)
    }

    @Test func `a workload that is not there is an error`() async throws {
        sample.runner.expectKubectl(
            ["get"], returning: .ok(try Fixture.cluster("rollout-updating")))
        let error = await #expect(throws: DevClusterError.self) {
            try await ImageVerification(session: sample.session).run(
                .workloads([try WorkloadReference("deployment/none")], namespace: "rec-a"))
        }
        #expect(error?.message == "there is no deployment/none in namespace rec-a")
    }

    @Test func `a tag that others pushed over our build is stale, though the pods run it`()
        async throws
    {
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(try pods("one", count: 1)))
        sample.runner.expectCurl(registry)
        let built = BuiltImage(
            name: "rec-web", reference: "localhost:5051/rec-web:1", tag: "1", imageID: "",
            digest: try Digest("sha256:" + String(repeating: "b", count: 64)), buildSeconds: 0,
            pushSeconds: 0, isUnchanged: false)
        let report = try await ImageVerification(session: sample.session).run(
            .allNamespaces, built: [built])
        #expect(report.exitCode == 2)
        #expect(
            report.containers.first?.reason
                == "the registry serves 094d1661e83f for 1, not bbbbbbbbbbbb, which was built and"
                + " pushed")
    }
}
