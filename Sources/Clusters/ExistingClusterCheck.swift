import ChildProcess
import Registries
import Sessions
import Settings
import Tools
import Vocabulary

/// What `up` finds of a cluster that others made; it changes nothing there.
public struct ExistingClusterReport: Codable, Sendable, Equatable {
    /// The context.
    public var context: String
    /// The address of its API server.
    public var server: String
    /// The version of Kubernetes; nil when the API does not answer.
    public var version: String?
    /// The registry as image references name it.
    public var registry: String
    /// What would keep a deploy from working, in words.
    public var problems: [String]

    /// 0 all right, 2 something is not.
    public var exitCode: Int32 { problems.isEmpty ? 0 : 2 }
}

/// Looks whether an existing cluster and its registry can be worked with.
public struct ExistingClusterCheck: Sendable {
    let session: Session

    /// Describes the work; nothing starts yet.
    public init(session: Session) {
        self.session = session
    }

    /// Looks.
    ///
    /// - Throws: `DevClusterError` when there is no such context.
    public func run() async throws -> ExistingClusterReport {
        try session.requireTools("kubectl", "curl")
        let context = session.place.context
        let server = try await ExistingCluster(session: session, context: context)
            .require(.reading)
        return try await session.activity.step("look at \(context)") { _ in
            async let registry = registryProblem()
            let (version, problem) = try await apiVersion()
            var problems = [problem, try await registry].compactMap { $0 }
            if version != nil {
                problems += try await found {
                    try await RegistryAnnouncement(session: session).require()
                }
                problems += try await found {
                    _ = try await PullSecret(session: session)?.prepare()
                }
            }
            return ExistingClusterReport(
                context: context, server: server, version: version,
                registry: session.place.registryHost, problems: problems)
        }
    }

    private func apiVersion() async throws -> (version: String?, problem: String?) {
        do {
            guard let version = try await session.kubectl.serverVersion() else {
                return (nil, "the API does not say its version")
            }
            return (ShownText.line(version), nil)
        } catch let error as InvocationError where error.reason == .timedOut {
            return (nil, "the API does not answer within 10 s")
        } catch let error as DevClusterError {
            return (nil, ExistingClusterCheck.words(error))
        }
    }

    /// Why images cannot be looked up; nil when they can.
    private func registryProblem() async throws -> String? {
        let names = session.configuration.images.map {
            ManifestName(repository: $0.name.description, reference: "latest")
        }
        guard !names.isEmpty else { return nil }
        for (name, answer) in try await session.registry.digests(of: names) {
            if case .unknown(let reason) = answer {
                return "the registry does not answer for '\(name.repository)': \(reason); "
                    + session.registry.remedy
            }
        }
        return nil
    }

    private func found(_ check: () async throws -> Void) async throws -> [String] {
        do {
            try await check()
            return []
        } catch let error as DevClusterError {
            return [ExistingClusterCheck.words(error)]
        }
    }

    private static func words(_ error: DevClusterError) -> String {
        let cause = (error.cause as? InvocationError)?.lastWords
        return error.message + (cause.map { ": \($0)" } ?? "")
            + (error.hint.map { "; \($0)" } ?? "")
    }
}
