import ChildProcess
import Registries
import Sessions
import Settings
import StateFiles
import Tools
import Vocabulary
import Workloads

/// Makes stale containers run what they should: the wrong image leaves the nodes that hold it,
/// pinned digests of ours go, and the pods are replaced. Touches nothing else.
public struct ImageFix: Sendable {
    let session: Session
    let verification: ImageVerification

    /// Mends what this verification finds.
    public init(session: Session, verification: ImageVerification) {
        self.session = session
        self.verification = verification
    }

    /// Verifies, mends what is stale, waits, and verifies again.
    ///
    /// - Returns: the last verification, with what was done.
    /// - Throws: `DevClusterError` when a rollout does not end well; `InvocationError`.
    public func run(_ scope: VerificationScope) async throws -> VerificationReport {
        let found = try await verification.findings(scope)
        guard found.contains(where: { $0.judged.verdict == .stale }) else {
            return VerificationReport(containers: found.map(\.judged))
        }
        try await session.requireCluster()
        let namespaces = Set(plan(found).owners.map(\.namespace))
        var locks: [StateLock?] = []
        for namespace in namespaces.sorted() {
            locks.append(try await session.lockNamespace(namespace))
        }
        defer { withExtendedLifetime(locks) {} }
        // Somebody may have deployed while a lock was waited for.
        let plan = plan(try await verification.findings(scope))
        let done = try await carryOut(plan)
        var report = try await session.activity.step("verify again") { _ in
            try await verification.run(scope)
        }
        report.fix = done
        return report
    }

    private func plan(_ findings: [VerificationFinding]) -> ImageFixPlan {
        ImageFixPlan(findings, reachesNodes: session.place.existingContext == nil)
    }

    private func carryOut(_ plan: ImageFixPlan) async throws -> ImageFixReport {
        var report = ImageFixReport()
        report.left = plan.left
        if !plan.cached.isEmpty {
            let removal = try await session.activity.step("clear stale images from the nodes") {
                _ in
                try await StaleImageRemoval(session: session).run(plan.cached)
            }
            report.removed = removal.references
            report.left += removal.problems.map {
                ImageFixReport.Left(container: $0.node, reason: $0.reason)
            }
        }
        for owner in plan.owners {
            try await setReferences(owner, &report)
            try await replace(owner)
            report.replaced.append("\(owner.namespace)/\(owner.name)")
        }
        try await wait(plan.owners.filter { $0.replacement != .deletion })
        return report
    }

    private func setReferences(_ owner: ImageFixPlan.Owner, _ report: inout ImageFixReport)
        async throws
    {
        guard !owner.references.isEmpty, let workload = WorkloadReference(owner: owner.name) else {
            return
        }
        let references = owner.references.sorted { $0.setting < $1.setting }
        try await session.kubectl.setImages(
            of: workload.resource, references.map(\.setting), namespace: owner.namespace
        ).checked()
        for reference in references {
            let line = "\(owner.namespace)/\(owner.name): \(reference.setting)"
            if reference.restores {
                report.restored.append(line)
            } else {
                report.unpinned.append(line)
            }
        }
    }

    private func replace(_ owner: ImageFixPlan.Owner) async throws {
        switch owner.replacement {
        case .rollout: return
        case .restart:
            try await session.kubectl.restart(
                try WorkloadReference(owner.name).resource, namespace: owner.namespace)
        case .deletion:
            try await PodReplacement(session: session, namespace: owner.namespace)
                .run(owner.pods.sorted(), of: owner.name)
        }
    }

    private func wait(_ owners: [ImageFixPlan.Owner]) async throws {
        let groups = Dictionary(grouping: owners, by: \.namespace)
        for (namespace, owners) in groups.sorted(by: { $0.key < $1.key }) {
            let wait = RolloutWait(
                session: session, namespace: namespace,
                deadline: session.configuration.timeouts.rollout.duration)
            _ = try await wait.run(owners.compactMap { WorkloadReference(owner: $0.name) })
        }
    }
}

extension ImageFixPlan.NewReference {
    /// As `kubectl set image` takes it.
    fileprivate var setting: String { "\(container)=\(reference)" }
}

/// Removes references from the nodes on which they do not stand for what the registry serves.
struct StaleImageRemoval: Sendable {
    let session: Session

    /// - Parameter references: as containerd has them.
    func run(_ references: Set<String>) async throws -> ImageRemovalReport {
        let nodes = NodeImages(session: session)
        let held = try await nodes.read()
        let concerned = held.nodes.map { list in
            NodeImageList(
                node: list.node,
                images: list.images.filter { !references.isDisjoint(with: $0.tags) })
        }
        let served = try await ServedImages.read(concerned, session: session)
        let removals = concerned.map { list in
            let stale = list.images.flatMap { image in
                image.tags.filter {
                    references.contains($0) && served.freshness(of: $0, image) == .stale
                }
            }
            return list.removal(of: Set(stale))
        }
        var report = try await nodes.apply(removals.filter { !$0.names.isEmpty })
        report.problems += held.problems
        return report
    }
}
