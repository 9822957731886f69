/// Which pods are judged.
public enum VerificationScope: Sendable, Equatable {
    /// All pods of all namespaces.
    case allNamespaces
    /// The pods of one namespace.
    case namespace(String)
    /// The pods of some workloads in a namespace.
    case workloads([WorkloadReference], namespace: String)
}

extension VerificationScope {
    /// Pods, and the workloads whose templates say what they should run.
    static let resources = BuiltInKind.resources(
        .pod, .deployment, .statefulSet, .daemonSet)

    /// Reads the pods in scope, with their workloads, in one call.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer, or a workload is not there.
    func read(_ kubectl: Kubectl) async throws -> [VerificationSubject] {
        switch self {
        case .allNamespaces: return try await readAll(kubectl, ["--all-namespaces"], nil)
        case .namespace(let name): return try await readAll(kubectl, [], name)
        case .workloads(let references, let namespace):
            let objects = try await RolloutObjects.read(
                kubectl, namespace: namespace, for: references)
            return try VerificationSubject.all(of: references, in: objects, namespace)
        }
    }

    private func readAll(_ kubectl: Kubectl, _ arguments: [String], _ namespace: String?)
        async throws -> [VerificationSubject]
    {
        let outcome = try await kubectl.run(
            ["get", VerificationScope.resources, "--output", "json"] + arguments,
            namespace: namespace)
        let objects = try kubectl.decode(RolloutObjects.self, kubectl.answered(outcome))
        let owners = PodOwners(objects)
        return objects.pods.flatMap { VerificationSubject.all(of: $0, owners) }
    }
}

/// A container to judge, with the workload it belongs to.
struct VerificationSubject: Sendable {
    var container: ContainerImage
    var owner: PodOwner?

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
        return ContainerImage.all(of: pod, owner: owner, includesFinished: includesFinished)
            .map { VerificationSubject(container: $0, owner: owner) }
    }
}
