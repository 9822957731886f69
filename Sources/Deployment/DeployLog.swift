import ChildProcess
import Forwards
import Images
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Verification
import Vocabulary

/// Records a deploy from the moment at which the cluster is changed.
struct DeployLog: Sendable {
    let session: Session
    let times: StepTimes
    /// When the deploy began.
    let start: ContinuousClock.Instant
    let images: [BuiltImage]
    /// For a rollback, when the deploy ended that it repeats.
    var repeats: Date?
    /// All namespaces that something is applied to.
    var namespaces: [String] = []

    /// Runs the part that changes the cluster, and records how it ended.
    func recording(_ deploy: () async throws -> DeployReport) async throws -> DeployReport {
        var report: DeployReport
        await begin()
        do {
            report = try await deploy()
        } catch {
            let code = DevClusterError.Code(of: error)
            await write(
                nil, exitCode: code.exitCode,
                error: code == .interrupted ? "interrupted" : DeployLog.message(of: error))
            throw error
        }
        let steps = times.steps
        report.slowest = StepComparison.slowest(steps)
        // Only a comparison: that the records cannot be read is said when this one is added.
        let earlier = (try? DeployHistory(session: session).records()) ?? []
        report.slower = StepComparison.slower(steps, than: earlier)
        let problems = report.forwardProblems?.map { ShownText.line($0.message) }
        await write(
            report.verification, exitCode: report.exitCode,
            error: problems?.joined(separator: "; "))
        return report
    }

    static func message(of error: any Error) -> String {
        ShownText.line((error as? DevClusterError)?.message ?? "\(error)")
    }

    /// Notes that the cluster is changed from now on, in case that this process is killed, and
    /// records the one before it that was.
    private func begin() async {
        guard !session.isDryRun else { return }
        await warning {
            let running = RunningDeploy(session: session)
            if let killed = try running.killed {
                try await session.records.append([killed])
                running.end()
            }
            try running.begin(
                record(nil, exitCode: DevClusterError.Code.interrupted.exitCode, error: "killed"))
        }
    }

    private func write(_ verification: VerificationReport?, exitCode: Int32, error: String?) async {
        guard !session.isDryRun else { return }
        let record = record(verification, exitCode: exitCode, error: error)
        await warning {
            // What was begun is recorded also after Ctrl-C.
            try await withUncancelled { try await session.records.append([record]) }
            RunningDeploy(session: session).end()
        }
    }

    private func record(
        _ verification: VerificationReport?, exitCode: Int32, error: String?
    ) -> DeployRecord {
        DeployRecord(
            time: Date(), seconds: (ContinuousClock.now - start).inSeconds,
            namespace: session.configuration.namespace.description,
            images: images.map { .init(name: $0.name, tag: $0.tag, digest: $0.digest) },
            verdicts: verification.map { report in
                report.containers.reduce(into: [:]) { $0[$1.verdict.rawValue, default: 0] += 1 }
            },
            exitCode: exitCode, error: error, steps: times.steps, repeats: repeats,
            namespaces: places(verification), isVerified: verification.map { $0.exitCode == 0 })
    }

    /// All namespaces that something was applied to, and those in which operators made pods of it.
    private func places(_ verification: VerificationReport?) -> [String] {
        let judged = (verification?.containers ?? [])
            .filter { ![.notOurs, .notJudged].contains($0.verdict) }.map(\.subject.namespace)
        return Set(namespaces + judged).sorted()
    }

    /// A deploy is no failure because nobody can remember it, so that is a warning.
    private func warning(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            session.activity.report(
                .warning("the deploy was not recorded: \(DeployLog.message(of: error))"))
        }
    }
}
