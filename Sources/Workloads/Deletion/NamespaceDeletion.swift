import ChildProcess
import Sessions
import SystemLibraries
import Tools
import Vocabulary

/// Deletes a namespace and waits until it is really gone.
///
/// Its controller writes into the namespace's own conditions what is left. So one watch of the
/// namespace tells everything, and the rest is read only when nothing gets on.
public struct NamespaceDeletion: Sendable {
    let session: Session
    let name: String
    /// Whether finalizers that nobody removes are taken out.
    let stripsFinalizers: Bool
    /// How long nothing has to change before it is asked why.
    var patience: Duration = .seconds(15)
    var clock = WaitClock.continuous

    /// Namespaces that a cluster cannot be without.
    private static let needed = ["default", "kube-system", "kube-public", "kube-node-lease"]

    private var subject: String { "namespace \(name)" }

    /// Describes the work; nothing starts yet.
    public init(session: Session, namespace: NamespaceName, stripsFinalizers: Bool = false) {
        self.session = session
        name = namespace.description
        self.stripsFinalizers = stripsFinalizers
    }

    /// Claims whose data goes with the namespace; nil when the cluster does not say.
    public func boundClaims() async -> [BoundClaim]? {
        await BoundClaim.all(session)?.filter { $0.namespace == name }
    }

    /// Deletes it; one that is not there is fine.
    ///
    /// - Throws: `DevClusterError` when it is not gone in `spec.timeouts.delete`, with what is left;
    ///   also when the API is silent for long.
    public func run() async throws -> DeletionReport {
        guard !NamespaceDeletion.needed.contains(name) else {
            throw DevClusterError(.usage, "a cluster needs its \(subject)")
        }
        try await session.requireCluster()
        let lock = try await session.lockNamespace(name)
        defer { withExtendedLifetime(lock) {} }
        let start = clock.now()
        var report = DeletionReport(deleted: [], absent: [], stripped: [], seconds: 0)
        guard let there = try await read() else {
            report.absent = ["namespace/\(name)"]
            return report
        }
        report.stripped = try await session.activity.step("delete \(subject)") { step in
            if !there.isBeingDeleted {
                try await session.kubectl.startDeletion(of: "namespace/\(name)", namespace: nil)
            }
            guard !session.isDryRun else { return [] }
            return try await NamespaceDeparture(deletion: self, there: there, step: step).run()
        }
        report.deleted = ["namespace/\(name)"]
        report.seconds = (clock.now() - start).inSeconds
        return report
    }

    /// A namespace as it is read.
    package struct Found: Sendable {
        var uid: String
        var isBeingDeleted: Bool
        var content: NamespaceContent
    }

    /// The namespace; nil when the API says that there is none.
    package func read() async throws -> Found? {
        let outcome = try await session.kubectl.readIfThere(
            "namespace/\(name)", namespace: nil, deadline: APISilence.readDeadline)
        let answer = try session.kubectl.answered(outcome)
        guard !answer.output.isEmpty else { return nil }
        let object = try answer.json()
        return Found(
            uid: object["metadata"]?["uid"]?.string ?? "",
            isBeingDeleted: object["metadata"]?["deletionTimestamp"]?.string != nil,
            content: NamespaceContent(status: object["status"] ?? .null))
    }

    /// Asks why nothing changes: reads just what is left, and the API services where one is down.
    func standstill(_ content: NamespaceContent) async throws -> Standstill {
        var result = Standstill(
            subject: subject, failures: content.failures, isIgnored: !content.isKnown)
        if content.hasUnknownGroups { result.deadServices = try await deadServices() }
        guard content.isKnown else { return result }
        let named = content.remaining.map(\.resource)
        let outcome = try await session.kubectl.readIfThere(
            named.isEmpty ? BuiltInKind.resources(.pod) : named.joined(separator: ","),
            namespace: name, deadline: APISilence.readDeadline)
        result.objects = try RemainingObject.list(session.kubectl, outcome)
        return result
    }

    private func deadServices() async throws -> [String] {
        struct Service: Decodable {
            struct Status: Decodable { var conditions: [ObjectCondition]? }
            var metadata: ObjectMetadata
            var status: Status?
        }
        return try await session.kubectl.list(
            "apiservices", namespace: nil, as: Service.self
        ).compactMap { service in
            guard
                let condition = service.status?.conditions?.first(where: {
                    $0.type == "Available" && $0.status != "True"
                })
            else { return nil }
            let reason = condition.message ?? condition.reason ?? "it is not available"
            return ShownText.line(
                "service \(service.metadata.name) does not answer (\(reason))")
        }
    }
}

extension RemainingObject {
    /// What `kubectl get --output json` printed: a list, one object, or nothing.
    static func list(_ kubectl: Kubectl, _ outcome: Outcome) throws -> [RemainingObject] {
        let answer = try kubectl.answered(outcome)
        guard !answer.output.isEmpty else { return [] }
        return try kubectl.decode(KubernetesList<RemainingObject>.self, answer).items
    }
}
