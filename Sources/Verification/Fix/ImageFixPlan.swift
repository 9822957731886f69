import Registries
import Sessions
import Tools
import Vocabulary
import Workloads

/// What has to be done so that stale containers run what they should, and nothing else.
struct ImageFixPlan: Sendable, Equatable {
    /// How the pods of an owner are replaced.
    enum Replacement: Sendable, Equatable {
        /// The workload does it, in the way its strategy says.
        case restart
        /// The new template does it: there is one already, or the unpinned image makes one.
        case rollout
        /// Nobody does it unless the pods are deleted.
        case deletion
    }

    /// A container of a workload, with the reference that it gets.
    struct NewReference: Sendable, Hashable {
        var container: String
        var reference: String
        /// Whether it is the one that was deployed, and not just the same without a digest.
        var restores = false
    }

    /// The stale pods of one owner.
    struct Owner: Sendable, Equatable {
        var namespace: String
        /// As `deployment/web`.
        var name: String
        var replacement: Replacement
        var references: Set<NewReference> = []
        /// The stale pods.
        var pods: Set<String> = []
    }

    var owners: [Owner] = []
    /// References that nodes may serve from their cache, as containerd has them.
    var cached: Set<String> = []
    var left: [ImageFixReport.Left] = []

    private let reachesNodes: Bool

    /// Sorts out what can be mended.
    ///
    /// - Parameter reachesNodes: whether images can be removed from the nodes' caches.
    init(_ findings: [VerificationFinding], reachesNodes: Bool = true) {
        self.reachesNodes = reachesNodes
        for finding in findings where finding.judged.verdict == .stale { add(finding) }
    }

    /// Whether it is a way out for a stale container; a rollout that goes on is none.
    static func mends(_ finding: VerificationFinding, _ place: ClusterPlace) -> Bool {
        let plan = ImageFixPlan([finding], reachesNodes: place.existingContext == nil)
        return plan.owners.contains { owner in
            finding.judged.cause != .oldTemplate || owner.replacement == .deletion
        }
    }

    private mutating func add(_ finding: VerificationFinding) {
        let container = finding.judged.subject
        guard let owner = finding.owner, let way = ImageFixPlan.replacement(owner) else {
            return leave(container, ImageFixPlan.irreplaceable(container))
        }
        switch finding.judged.cause {
        case .otherRegistry:
            leave(container, "deploy it: 'devcluster deploy' names what was pushed")
        case .oldTemplate: addOld(finding, owner, way)
        case .notReplaced:
            leave(container, "what made its pod has to replace it: its log says why it did not")
        case .pinnedDigest where owner.image(of: container.container)?.isPinned == true:
            set(container.unpinned, finding, owner, way)
        case .notDeployed where owner.hasNo(container):
            // Something put it into the pod, and puts it into the next one as it should be by now.
            add(finding, owner, way)
        case .notDeployed where owner.workload?.metadata.controller != nil,
            .otherImage where owner.workload?.metadata.controller != nil:
            leave(container, "what made \(owner.name) would undo it: its log says why it did not")
        case .notDeployed: set(container.with(tag: finding.judged.deployed), finding, owner, way)
        case .otherImage:
            let reference = finding.judged.deployed.flatMap { try? ImageReference($0) }
            set(reference, finding, owner, way)
        case .changedPod: add(finding, owner, way)
        case .overwritten:
            leave(
                container,
                "the registry serves what somebody pushed over it, which every new pod would run:"
                    + " 'devcluster deploy' gives it a new tag")
        case .pinnedDigest, .pushedLater, .cachedImage, nil:
            guard reachesNodes || container.pullPolicy == "Always" else {
                return leave(
                    container,
                    "its node would start the image that it has again, and devcluster has no"
                        + " access to this cluster's nodes: 'devcluster deploy --unique-tag'"
                        + " deploys it under a tag that no node has")
            }
            add(finding, owner, way)
        }
    }

    /// Lets the workload name another reference, which replaces its pods.
    private mutating func set(
        _ reference: ImageReference?, _ finding: VerificationFinding, _ owner: PodOwner,
        _ way: Replacement
    ) {
        let container = finding.judged.subject
        guard let reference, owner.canBeSet else {
            return leave(container, "its \(owner.name) cannot be changed: apply it anew")
        }
        add(
            finding, owner, way == .restart ? .rollout : way,
            NewReference(
                container: container.container, reference: reference.description,
                restores: [.notDeployed, .otherImage].contains(finding.judged.cause)))
    }

    /// A pod of an old template goes when its rollout goes on; a rollout that failed stays.
    private mutating func addOld(
        _ finding: VerificationFinding, _ owner: PodOwner, _ way: Replacement
    ) {
        let container = finding.judged.subject
        if let workload = owner.workload, case .failed = RolloutState.judge(workload) {
            return leave(
                container, "the rollout of \(owner.name) failed: correct it and deploy again")
        }
        if owner.keeps(container) {
            return leave(container, "the partition of \(owner.name) keeps its pod: lower it")
        }
        add(finding, owner, way == .restart ? .rollout : way)
    }

    private mutating func add(
        _ finding: VerificationFinding, _ owner: PodOwner, _ way: Replacement,
        _ reference: NewReference? = nil
    ) {
        let container = finding.judged.subject
        if reachesNodes, let stale = container.unpinned {
            cached.insert(NodeImages.name(of: stale.description))
        }
        let index =
            owners.firstIndex { $0.namespace == container.namespace && $0.name == owner.name }
            ?? owners.endIndex
        if index == owners.endIndex {
            owners.append(
                Owner(namespace: container.namespace, name: owner.name, replacement: way))
        }
        owners[index].pods.insert(container.pod)
        if let reference { owners[index].references.insert(reference) }
        // A rollout that a new template starts replaces what a restart would.
        if way == .rollout && owners[index].replacement == .restart {
            owners[index].replacement = .rollout
        }
    }

    private mutating func leave(_ container: ContainerImage, _ reason: String) {
        left.append(
            ImageFixReport.Left(
                container: "\(container.namespace)/\(container.pod)/\(container.container)",
                reason: reason))
    }

    private static func irreplaceable(_ container: ContainerImage) -> String {
        guard let owner = container.owner else {
            return "nothing would bring the pod back: delete it and apply it anew"
        }
        return "its pod belongs to \(owner), which has to replace it"
    }

    /// How the pods of an owner are replaced; nil when nobody would bring them back.
    private static func replacement(_ owner: PodOwner) -> Replacement? {
        guard let workload = owner.workload else {
            let kinds = ["replicaset", "replicationcontroller", "job"]
            return owner.replicaSet != nil || kinds.contains(owner.kind) ? .deletion : nil
        }
        if ["ReplicaSet", "ReplicationController"].contains(workload.kind) { return .deletion }
        let strategy = workload.spec?.updateStrategy
        let keepsPods =
            strategy?.type == "OnDelete" || (strategy?.rollingUpdate?.partition ?? 0) > 0
        return keepsPods || workload.kind == "Job" ? .deletion : .restart
    }
}

extension PodOwner {
    fileprivate var kind: String { String(name.prefix { $0 != "/" }) }

    /// Whether its template is known, and does not have the container.
    fileprivate func hasNo(_ container: ContainerImage) -> Bool {
        workload != nil && image(of: container.container) == nil
    }

    /// Whether `kubectl set image` can change its template.
    fileprivate var canBeSet: Bool { workload != nil && kind != "job" }

    /// Whether its partition keeps the pod at the old template.
    fileprivate func keeps(_ container: ContainerImage) -> Bool {
        guard let partition = workload?.spec?.updateStrategy?.rollingUpdate?.partition,
            let ordinal = container.ordinal
        else { return false }
        return ordinal < partition
    }
}

extension ContainerImage {
    /// The reference that it should run, in full and without a digest; nil when it has no tag.
    fileprivate var unpinned: ImageReference? {
        guard let reference = try? ImageReference(templateImage ?? image),
            let tag = reference.effectiveTag
        else { return nil }
        return reference.with(tag: tag)
    }

    /// The same image under another tag; nil for none.
    fileprivate func with(tag: String?) -> ImageReference? {
        guard let tag = tag.flatMap({ try? TagName($0) }) else { return nil }
        return (try? ImageReference(templateImage ?? image))?.with(tag: tag)
    }
}

extension String {
    /// Whether it is a reference with a digest.
    fileprivate var isPinned: Bool { (try? ImageReference(self))?.digest != nil }
}
