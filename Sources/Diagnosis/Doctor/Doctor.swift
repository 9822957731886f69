import ChildProcess
import Clusters
import Sessions
import StateFiles
import Tools
import Vocabulary

/// Why a look has no result.
struct LookFailure: Error {
    /// What the program did, in one line.
    var words: String
    /// Whether it did not end in time.
    var isSilence = false
}

/// Looks at everything that a cluster of ours depends on, all at once.
///
/// It changes nothing. Every look has a deadline, so that one that hangs keeps none of the others
/// from being told.
public struct Doctor: Sendable {
    /// How long all looks together may take: a machine that is busy needs seconds for what takes
    /// milliseconds else. A child that ignores its end gets two seconds more.
    static let deadline = Duration.seconds(8)

    let environment: [String: String]
    let runner: any Runner
    let state: StateFolder
    /// Nil when there is no engine, or the configuration cannot be used.
    let session: Session?
    private let looks: LookTimes
    /// Why there is no session.
    let problem: DevClusterError?

    /// Describes the look; nothing starts yet.
    ///
    /// - Parameter session: what the cluster is looked at with, or why there is none.
    public init(
        environment: [String: String], runner: any Runner, state: StateFolder,
        session: Result<Session, DevClusterError>
    ) {
        self.environment = environment
        self.state = state
        let looks = LookTimes(end: .now + Doctor.deadline)
        self.looks = looks
        self.runner = LookRunner(base: runner, looks: looks)
        switch session {
        case .success(let session):
            self.session = session.running { LookRunner(base: $0, looks: looks) }
            problem = nil
        case .failure(let error):
            self.session = nil
            problem = error
        }
    }

    /// Looks at everything.
    ///
    /// - Parameter onWait: gets the program that is waited for, where one is slow.
    /// - Throws: `CancellationError`; what fails is a finding.
    public func run(onWait: @escaping @Sendable (String) -> Void = { _ in }) async throws
        -> DoctorReport
    {
        looks.onWait(onWait)
        var findings = await withTaskGroup(of: [Finding].self) { group in
            if let problem {
                group.addTask {
                    [
                        Finding(
                            "configuration", .error, problem.message,
                            remedy: problem.hint ?? "devcluster config view")
                    ]
                }
            }
            group.addTask { await ToolChecks(doctor: self).findings() }
            group.addTask {
                await HostChecks(environment: environment, cluster: unproxied()).findings()
            }
            group.addTask { await LeftoverChecks(doctor: self).findings() }
            if let session {
                group.addTask { await EngineChecks(doctor: self, session: session).findings() }
                group.addTask {
                    session.place.existingContext == nil
                        ? await ClusterChecks(session: session).findings()
                        : await ExistingClusterChecks(session: session).findings()
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        try Task.checkCancellation()
        if let slow = looks.finding { findings.append(slow) }
        let order = Finding.Severity.allCases
        func rank(_ finding: Finding) -> Int { -(order.firstIndex(of: finding.severity) ?? 0) }
        findings.sort { (rank($0), $0.subject) < (rank($1), $1.subject) }
        return DoctorReport(findings: findings, fixed: [])
    }

    /// What of a cluster of ours is not reached through a proxy; asked only where there is one.
    private func unproxied() async -> [String] {
        guard let session, session.place.existingContext == nil,
            !ProxySettings(environment).proxies.isEmpty
        else { return [] }
        return await NodeProxies(session: session).exceptions()
    }

    /// Lets a program look at something.
    ///
    /// - Returns: what it said when it ended well, else what it did.
    func look<Answer>(_ ask: () async throws -> Answer) async -> Result<Answer, LookFailure> {
        do {
            return .success(try await ask())
        } catch let error as InvocationError where error.isFailure {
            let failure = InvocationError(error.reason, error.invocation)
            return .failure(
                LookFailure(words: "\(failure)" + (error.lastWords.map { ": \($0)" } ?? "")))
        } catch let error as InvocationError where error.reason == .timedOut {
            let words = [error.invocation.tool] + error.invocation.arguments.prefix(1)
            return .failure(
                LookFailure(
                    words: "'\(words.joined(separator: " "))' did not answer within"
                        + " \(Doctor.deadline.components.seconds) s", isSilence: true))
        } catch {
            return .failure(LookFailure(words: ShownText.line("\(error)")))
        }
    }
}
