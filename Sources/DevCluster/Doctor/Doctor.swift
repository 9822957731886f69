public import ChildProcess

/// Looks at everything that a cluster of ours depends on, all at once.
///
/// It changes nothing. Every look has a deadline, so that one that hangs keeps none of the others
/// from being told.
public struct Doctor: Sendable {
    /// How long one look may take. A child that ignores its end gets two seconds more.
    static let deadline = Duration.seconds(2.8)

    let environment: [String: String]
    let runner: any Runner
    let state: StateFolder
    /// Nil when there is no engine, or the configuration cannot be used.
    let session: Session?
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
        self.runner = runner
        self.state = state
        switch session {
        case .success(let session):
            self.session = session
            problem = nil
        case .failure(let error):
            self.session = nil
            problem = error
        }
    }

    /// Looks at everything.
    ///
    /// - Throws: `CancellationError`; what fails is a finding.
    public func run() async throws -> DoctorReport {
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
        return await NodeProxies(session: session.limited(to: Doctor.deadline)).exceptions()
    }

    /// Runs a program that only looks.
    ///
    /// - Returns: nil when it cannot be run or did not end in time.
    func look(_ tool: String, _ arguments: [String]) async -> Outcome? {
        try? await runner.run(Invocation(tool, arguments, deadline: Doctor.deadline))
    }
}
