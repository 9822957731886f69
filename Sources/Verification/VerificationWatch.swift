import Sessions
import Settings
import Vocabulary
import Workloads

/// Verifies again and again until everything matches.
public struct VerificationWatch: Sendable {
    let session: Session
    let verification: ImageVerification
    let interval: Duration

    /// Watches with this verification.
    public init(
        session: Session, verification: ImageVerification, interval: Duration = .seconds(1)
    ) {
        self.session = session
        self.verification = verification
        self.interval = interval
    }

    /// Ends when every container that is judged matches.
    ///
    /// - Returns: that verification.
    /// - Throws: `DevClusterError` with code `deadline` naming what does not match, when
    ///   `spec.timeouts.rollout` has passed; also when the API is silent for long.
    public func run(_ scope: VerificationScope) async throws -> VerificationReport {
        let limit = session.configuration.timeouts.rollout
        let end = ContinuousClock.now + limit.duration
        return try await session.activity.step("wait until everything matches") { step in
            var silence = APISilence()
            var last: VerificationReport?
            while true {
                if let report = try await silence.attempt({ try await verification.run(scope) }) {
                    if report.exitCode == 0 { return report }
                    step.progress(report.progress)
                    last = report
                }
                guard ContinuousClock.now < end else { throw late(last, limit) }
                try await Task.sleep(for: interval)
            }
        }
    }

    private func late(_ report: VerificationReport?, _ limit: HumanDuration) -> DevClusterError {
        let open = (report?.containers ?? []).filter { [.stale, .unknown].contains($0.verdict) }
        let reasons = open.map { item in
            "\(item.verdict.text): \(item.subject.pod)/\(item.subject.container)"
                + (item.reason.map { ": \($0)" } ?? "")
        }
        return DevClusterError(
            .deadline,
            "not everything matches after \(limit): "
                + (reasons.isEmpty
                    ? "no container runs an image of ours" : reasons.joined(separator: "; ")),
            hint: "devcluster verify-image --fix; spec.timeouts.rollout allows more time")
    }
}

extension VerificationReport {
    /// How many match so far.
    fileprivate var progress: String {
        let fresh = containers.count { $0.verdict.isFresh }
        return "\(fresh) of \(fresh + count(.stale) + count(.unknown)) match"
    }
}
