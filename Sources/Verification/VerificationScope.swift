import Sessions
import Tools
import Vocabulary
import Workloads

/// Which pods are judged.
public enum VerificationScope: Sendable, Equatable {
    /// All pods of all namespaces.
    case allNamespaces
    /// The pods of one namespace.
    case namespace(String)
    /// The pods of every namespace that deploys of this project touched.
    case project
    /// The pods of some workloads in a namespace.
    case workloads([WorkloadReference], namespace: String)
}

extension VerificationScope {
    /// Pods, and the workloads whose templates say what they should run.
    static let resources = BuiltInKind.resources(
        .pod, .deployment, .statefulSet, .daemonSet, .replicaSet, .replicationController, .job,
        .cronJob)

    /// Reads the pods in scope, with their workloads, in one call a namespace.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer, or a workload is not there.
    func read(_ session: Session) async throws -> [VerificationSubject] {
        let kubectl = session.kubectl
        switch self {
        case .allNamespaces:
            return try await VerificationScope.readAll(kubectl, nil)
        case .namespace(let name):
            // Whoever names the namespace means what is in it, and which one is the project's is
            // not known then.
            return try await VerificationScope.readAll(kubectl, name).map(\.withoutDeployer)
        case .project: return try await VerificationScope.readProject(session)
        case .workloads(let references, let namespace):
            let objects = try await RolloutObjects.read(
                kubectl, namespace: namespace, for: references)
            return try VerificationSubject.all(of: references, in: objects, namespace)
                .map(\.withoutDeployer)
        }
    }

    /// What is recorded is read while the cluster is asked whether there is more.
    private static func readProject(_ session: Session) async throws -> [VerificationSubject] {
        let namespaces = ProjectNamespaces(session: session)
        let recorded = try namespaces.recorded
        async let all = namespaces.find()
        let known = try await read(recorded, session.kubectl)
        let found = try await known + read(all.subtracting(recorded), session.kubectl)
        let groups = Dictionary(grouping: found, by: \.container.namespace)
        return groups.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    private static func read(_ namespaces: Set<String>, _ kubectl: Kubectl) async throws
        -> [VerificationSubject]
    {
        try await namespaces.sorted().concurrentMap { try await readAll(kubectl, $0) }
            .flatMap(\.self)
    }

    /// - Parameter namespace: nil for all of them.
    private static func readAll(_ kubectl: Kubectl, _ namespace: String?) async throws
        -> [VerificationSubject]
    {
        let outcome =
            try await namespace == nil
            ? kubectl.readEverywhere(resources) : kubectl.read(resources, namespace: namespace)
        let objects = try kubectl.decode(RolloutObjects.self, kubectl.answered(outcome))
        let owners = PodOwners(objects)
        return objects.pods.flatMap { VerificationSubject.all(of: $0, owners) }
            + VerificationSubject.templates(in: objects)
    }
}

/// A container to judge, with the workload it belongs to.
struct VerificationSubject: Sendable {
    var container: ContainerImage
    var owner: PodOwner?
    /// Whether it stands in the template of a workload, of which there is no pod.
    var isTemplate = false

    /// The configuration that deployed its pod, or what made that; nil where nothing says one.
    var deployer: Deployer?
    /// Whether it may be another configuration's.
    var mayBeOthers = true

    /// Whether something made its pod that no configuration deployed, and that does not end by itself.
    var isOfOperator: Bool { deployer == nil && owner?.name.hasPrefix("job/") != true }

    /// The same, whoever deployed it.
    var withoutDeployer: VerificationSubject {
        var subject = self
        subject.deployer = nil
        subject.mayBeOthers = false
        return subject
    }

    /// The containers of workloads that have no pods now, and of CronJobs.
    static func templates(in objects: RolloutObjects) -> [VerificationSubject] {
        let idle = objects.workloads.filter { workload in
            workload.kind == "CronJob"
                || workload.metadata.controller == nil && objects.pods(of: workload).isEmpty
        }
        return idle.flatMap { workload -> [VerificationSubject] in
            let owner = PodOwner(workload)
            return ContainerImage.all(ofTemplate: workload, named: owner.name).map {
                VerificationSubject(container: $0, owner: owner, isTemplate: true)
            }
        }
    }

    /// The containers of some workloads.
    ///
    /// - Throws: `DevClusterError` naming a workload that is not there.
    static func all(
        of references: [WorkloadReference], in objects: RolloutObjects, _ namespace: String
    ) throws -> [VerificationSubject] {
        let owners = PodOwners(objects)
        return try references.flatMap { reference -> [VerificationSubject] in
            guard let workload = objects.workload(reference) else {
                throw DevClusterError(
                    .failed, "there is no \(reference) in namespace \(namespace)")
            }
            return objects.pods(of: workload).flatMap {
                all(of: $0, owners, includesFinished: reference.kind == .job)
            }
        }
    }

    static func all(
        of pod: KubernetesPod, _ owners: PodOwners, includesFinished: Bool = false
    ) -> [VerificationSubject] {
        let owner = owners.owner(of: pod)
        let deployer = owners.deployer(of: pod)
        return ContainerImage.all(of: pod, owner: owner, includesFinished: includesFinished)
            .map { VerificationSubject(container: $0, owner: owner, deployer: deployer) }
    }
}
