import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Forwards
@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Verification
@testable import Vocabulary

struct DeployLogTests {
    private func log(_ sample: SampleSession) throws -> DeployLog {
        let times = StepTimes(sample.activity)
        let image = BuildRecord.sample(digest: try Digest("sha256:" + SHA256.hex("1".utf8))).image
        return DeployLog(
            session: sample.session.reporting(to: times), times: times, start: .now,
            images: [image])
    }

    private func report(_ log: DeployLog, _ verdicts: [ImageVerdict] = []) -> DeployReport {
        let containers = verdicts.map { verdict in
            JudgedContainer(
                subject: ContainerImage(
                    namespace: "default", pod: "web-1", container: "web", role: .container,
                    image: "localhost:5051/web:dev-1", imageID: ""),
                verdict: verdict)
        }
        return DeployReport(
            context: "kind-demo", namespace: "default", images: log.images, applied: [],
            rollouts: [], verification: VerificationReport(containers: containers), forwards: [])
    }

    private func only(_ sample: SampleSession) throws -> DeployRecord {
        let records: [DeployRecord] = try sample.session.records.records()
        #expect(records.count == 1)
        return try #require(records.first)
    }

    /// The process that deploys is gone, as after SIGKILL.
    private func kill(_ sample: SampleSession) throws {
        let path = "\(sample.session.place.folder)/namespaces/shop.deploy.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let ticks = ProcessIdentity.current.startTicks
        try text.replacing("\"startTicks\":\(ticks)", with: "\"startTicks\":1")
            .write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test func `a deploy that was killed is one of the history`() async throws {
        let sample = try SampleSession(["namespace": "shop"])
        let first = try log(sample)
        let running = RunningDeploy(session: sample.session)
        let history = DeployHistory(session: sample.session)
        _ = try await first.recording {
            #expect(try running.killed == nil)
            #expect(try history.records().isEmpty)
            try kill(sample)
            #expect(try history.records().map(\.error) == ["killed"])
            #expect(try history.records().first?.isProven == false)
            #expect(try history.records().first?.images.map(\.tag) == ["dev-1"])
            return report(first, [.match])
        }
        #expect(try history.records().map(\.error) == [nil])
    }

    @Test func `the next deploy records the one that was killed before it`() async throws {
        let sample = try SampleSession(["namespace": "shop"])
        let killed = try log(sample)
        try RunningDeploy(session: sample.session).begin(
            DeployRecord(
                time: Date(), seconds: 1, namespace: "shop", images: [], exitCode: 130,
                error: "killed", steps: []))
        try kill(sample)
        _ = try await killed.recording { report(killed, [.match]) }
        let records: [DeployRecord] = try sample.session.records.records()
        #expect(records.map(\.error) == ["killed", nil])
        #expect(try RunningDeploy(session: sample.session).killed == nil)
    }

    @Test func `a deploy is recorded with its images, verdicts and the time of each step`()
        async throws
    {
        let sample = try SampleSession(["namespace": "shop"])
        let log = try log(sample)
        _ = try await log.recording {
            try await log.session.activity.step("apply 2 objects") { _ in
                try await Task.sleep(for: .milliseconds(20))
            }
            return report(log, [.match, .match, .stale])
        }
        let record = try only(sample)
        #expect(record.namespace == "shop")
        #expect(record.images.map(\.tag) == ["dev-1"])
        #expect(record.images.first?.digest == log.images.first?.digest)
        #expect(record.verdicts == ["match": 2, "stale": 1])
        #expect(record.exitCode == 2)
        #expect(record.error == nil)
        #expect(record.steps.map(\.name) == ["apply 2 objects"])
        #expect(record.steps.allSatisfy { $0.seconds >= 0.02 && $0.seconds <= record.seconds })
    }

    @Test func `a proven deploy with a bad forward fails, and is recorded as proven`() async throws
    {
        let sample = try SampleSession(["namespace": "shop"])
        let log = try log(sample)
        let ended = try await log.recording {
            var report = report(log, [.match])
            report.forwardProblems = [
                ForwardProblem(DevClusterError(.failed, "port 1 is taken"), forward: "a"),
                ForwardProblem(DevClusterError(.failed, "port 2 is taken"), forward: "b"),
            ]
            return report
        }
        #expect(ended.exitCode == 1)
        let record = try only(sample)
        #expect(record.exitCode == 1)
        #expect(record.isProven)
        #expect(record.error == "port 1 is taken; port 2 is taken")
        #expect(record.verdicts == ["match": 1])
    }

    @Test func `what is stale stays stale with a bad forward`() throws {
        var report = report(try log(try SampleSession()), [.stale])
        report.forwardProblems = [ForwardProblem(DevClusterError(.failed, "port 1 is taken"))]
        #expect(report.exitCode == 2)
    }

    @Test(arguments: [
        (
            DevClusterError(.failed, "deployment/web cannot come up") as any Error, Int32(1),
            "deployment/web cannot come up"
        ),
        (CancellationError(), 130, "interrupted"),
    ])
    func `a deploy that failed is recorded with what went wrong`(
        failure: any Error, exitCode: Int32, message: String
    ) async throws {
        let sample = try SampleSession()
        let log = try log(sample)
        await #expect(throws: (any Error).self) {
            try await log.recording {
                try await log.session.activity.step("rollout of deployment/web") { _ in
                    throw failure
                }
            }
        }
        let record = try only(sample)
        #expect(record.error == message)
        #expect(record.exitCode == exitCode)
        #expect(record.verdicts == nil)
        #expect(record.steps.map(\.name) == ["rollout of deployment/web"])
    }

    @Test func `a deploy that is cancelled is recorded all the same`() async throws {
        let sample = try SampleSession()
        let log = try log(sample)
        let deploy = Task {
            try await log.recording {
                try await Task.sleep(for: .seconds(60))
                return report(log)
            }
        }
        deploy.cancel()
        await #expect(throws: CancellationError.self) { try await deploy.value }
        #expect(try only(sample).exitCode == 130)
    }

    @Test func `a deploy that cannot be recorded is no failure, and says so`() async throws {
        let sample = try SampleSession()
        let log = try log(sample)
        // Where the records would stand there is a folder.
        try sample.folder.write("", to: "state/clusters/podman-devcluster-demo/records.jsonl/x")
        _ = try await log.recording { report(log, [.match]) }
        let warning = try #require(sample.activity.warnings.first)
        #expect(warning.hasPrefix("the deploy was not recorded: "))
    }

    @Test func `a dry run records nothing`() async throws {
        let sample = try SampleSession(isDryRun: true)
        let log = try log(sample)
        _ = try await log.recording { report(log) }
        #expect(try sample.session.records.records(DeployRecord.self).isEmpty)
    }
}
