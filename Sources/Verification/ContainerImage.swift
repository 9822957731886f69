import Tools
import Vocabulary
import Workloads

/// A container of a pod, with what its spec names and what it runs.
public struct ContainerImage: Sendable, Equatable, Codable {
    /// Which of the pod's lists it stands in.
    public enum Role: String, Sendable, Codable {
        /// `containers`.
        case container
        /// `initContainers`.
        case `init`
        /// `ephemeralContainers`.
        case ephemeral
    }

    /// The pod's namespace.
    public var namespace: String
    /// The pod.
    public var pod: String
    /// The container's name.
    public var container: String
    /// Which list it stands in.
    public var role: Role
    /// What made the pod, as `deployment/web`; nil for a pod that nothing owns.
    public var owner: String?
    /// The node; nil before it is scheduled.
    public var node: String?
    /// The reference in the spec.
    public var image: String
    /// The reference in the owner's template, where that is another one now.
    public var templateImage: String?
    /// `imageID` of its status; empty before it was created.
    public var imageID: String
    /// The spec's pull policy.
    public var pullPolicy: String?
    /// When it was started, in RFC 3339 as the API says it; nil while it does not run.
    public var startedAt: String?
    /// What it waits for, in Kubernetes' word, such as `ImagePullBackOff`.
    public var waitingFor: String?
    /// Why it is listed but not judged: `being deleted`, `finished`; nil when it is judged.
    public var exemption: String?

    /// All containers of a pod, paired with their statuses by name.
    static func all(
        of pod: KubernetesPod, owner: PodOwner? = nil, includesFinished: Bool = false
    ) -> [ContainerImage] {
        let lists: [(Role, [KubernetesPod.Container], [KubernetesPod.ContainerStatus])] = [
            (.`init`, pod.spec.initContainers ?? [], pod.status?.initContainerStatuses ?? []),
            (.container, pod.spec.containers, pod.status?.containerStatuses ?? []),
            (
                .ephemeral, pod.spec.ephemeralContainers ?? [],
                pod.status?.ephemeralContainerStatuses ?? []
            ),
        ]
        let exemption: String? =
            pod.isBeingDeleted
            ? "being deleted" : pod.isFinished && !includesFinished ? "finished" : nil
        return lists.flatMap { role, containers, statuses in
            containers.map { container in
                let status = statuses.first { $0.name == container.name }
                let template = role == .ephemeral ? nil : owner?.image(of: container.name)
                return ContainerImage(
                    namespace: pod.metadata.namespace ?? "", pod: pod.metadata.name,
                    container: container.name, role: role, owner: owner?.name,
                    node: pod.spec.nodeName, image: container.image,
                    templateImage: template == container.image ? nil : template,
                    imageID: status?.imageID ?? "", pullPolicy: container.imagePullPolicy,
                    startedAt: status?.state?.running?.startedAt,
                    waitingFor: status?.state?.waiting?.reason, exemption: exemption)
            }
        }
    }

    /// The containers that the template of a workload has.
    ///
    /// - Parameter name: the workload's, as `deployment/web`.
    static func all(
        ofTemplate workload: KubernetesWorkload, named name: String, exemption: String? = nil
    ) -> [ContainerImage] {
        let spec = workload.podTemplate?.spec
        let lists: [(Role, [KubernetesPod.Container])] = [
            (.`init`, spec?.initContainers ?? []), (.container, spec?.containers ?? []),
        ]
        return lists.flatMap { role, containers in
            containers.map { container in
                ContainerImage(
                    namespace: workload.metadata.namespace ?? "", pod: name,
                    container: container.name, role: role, owner: name, node: nil,
                    image: container.image, imageID: "", exemption: exemption)
            }
        }
    }

    /// The digest in `imageID`, whatever stands in front of it; nil before there is one.
    var runningDigest: Digest? {
        let text = imageID.parted(atLast: UInt8(ascii: "@"))?.after ?? imageID[bareStart...]
        return try? Digest(String(text))
    }

    /// The repository in `imageID`, host included: of several names of one content, the
    /// alphabetically first. Nil when it is bare.
    var runningRepository: ImageReference? {
        isBare ? nil : try? ImageReference(String(imageID[bareStart...]))
    }

    /// Whether `imageID` is bare: then it is the configuration's digest, not a manifest's.
    var isBare: Bool { !imageID.contains("@") }

    private var bareStart: String.Index {
        imageID.firstRange(of: "://")?.upperBound ?? imageID.startIndex
    }

    /// The number of a StatefulSet's pod, which stands after the last dash of its name.
    var ordinal: BoundedInteger? {
        pod.split(separator: "-").last.flatMap { BoundedInteger($0) }
    }
}
