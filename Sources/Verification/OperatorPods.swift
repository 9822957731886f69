import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary
import Workloads

/// The pods that operators made in namespaces which the deploy did not touch.
///
/// Nothing says whose they are but what they run: a build that this configuration deployed, of an
/// image that one of its objects names.
struct OperatorPods: Sendable {
    private let session: Session
    private let custom: [CustomUse]
    private let namespaces: Set<String>
    /// The builds that this configuration deployed.
    private var known: Set<ManifestName> = []
    /// The workloads of all namespaces, whose labels say which of them others deployed.
    private var workloads: [KubernetesWorkload] = []

    /// - Parameters:
    ///   - custom: what objects of the deploy name.
    ///   - namespaces: those that are looked at anyway.
    /// - Throws: `DevClusterError` when the records cannot be read.
    init(session: Session, custom: [CustomUse], namespaces: Set<String>) throws {
        self.session = session
        self.custom = custom
        self.namespaces = namespaces
        guard !custom.isEmpty else { return }
        known = Set(
            try DeployHistory(session: session).records().flatMap(\.images).map {
                ManifestName(repository: $0.name, reference: $0.tag)
            })
    }

    /// The namespaces with such pods.
    ///
    /// - Throws: `DevClusterError` when the pods of all namespaces cannot be read.
    mutating func places() async throws -> Set<String> {
        guard !custom.isEmpty else { return [] }
        let kubectl = session.kubectl
        let outcome = try await kubectl.readEverywhere(VerificationScope.resources)
        let objects = try kubectl.decode(RolloutObjects.self, kubectl.answered(outcome))
        workloads = objects.workloads
        let owners = PodOwners(objects)
        return Set(
            objects.pods.filter {
                isOne($0) && owners.deployer(of: $0)?.isAnother(than: session) != true
            }
            .compactMap(\.metadata.namespace))
    }

    /// The objects without pods of these namespaces that no operator made of what was deployed.
    func only(in objects: RolloutObjects, of places: Set<String>) -> RolloutObjects {
        guard !places.isEmpty else { return objects }
        var all = objects
        let read = Set(objects.workloads.map(\.metadata.uid))
        all.workloads += workloads.filter { !read.contains($0.metadata.uid) }
        let owners = PodOwners(all)
        var result = objects
        result.pods.removeAll { pod in
            pod.metadata.namespace.map(places.contains) == true
                && (!isOne(pod) || owners.deployer(of: pod)?.isAnother(than: session) == true)
        }
        return result
    }

    private func isOne(_ pod: KubernetesPod) -> Bool {
        // What is ending is not judged, and its workload may be gone, with what its labels said.
        guard let namespace = pod.metadata.namespace, !namespaces.contains(namespace),
            !pod.isBeingDeleted, !pod.isFinished
        else { return false }
        let targets = ImageTargets(session: session, includesOthers: false)
        return ContainerImage.all(of: pod).contains { container in
            guard let target = targets.target(of: container) else { return false }
            return custom.contains { $0.reference == container.image }
                || known.contains(target.name)
                    && custom.contains { $0.image == target.name.repository }
        }
    }
}

extension Deployer {
    /// Whether it is another configuration than the one of a session.
    func isAnother(than session: Session) -> Bool {
        project != session.place.cluster || home != session.configuration.namespace.description
    }
}
