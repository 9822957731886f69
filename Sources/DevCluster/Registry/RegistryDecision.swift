/// How the registry's container has to be.
public struct RegistryWish: Sendable, Equatable {
    /// The container's name, which is also its host name on the network.
    public var name: String
    /// The image it runs.
    public var image: String
    /// The port on 127.0.0.1.
    public var port: Int
    /// The volume of a registry made anew.
    public var volume: String
    /// The network it has to be on.
    public var network: String
}

/// Where a registry keeps its images.
public enum RegistryStorage: Sendable, Equatable {
    /// A volume, named or anonymous.
    case volume(String)
    /// A folder of the host.
    case folder(String)

    /// Where a registry's container keeps its images; nil when inside itself.
    init?(of container: Container) {
        let mount = container.mounts.first { $0.destination == RegistryDecision.dataPath }
        guard let mount else { return nil }
        self = mount.type == "volume" ? .volume(mount.name ?? mount.source) : .folder(mount.source)
    }

    /// The source part of a `--volume` argument.
    var source: String {
        switch self {
        case .volume(let name): name
        case .folder(let path): path
        }
    }
}

/// What `up` does with the registry's container.
public enum RegistryDecision: Sendable, Equatable {
    /// It is exactly right.
    case keep
    /// There is none: run it with this storage.
    case create(RegistryStorage)
    /// It is not right: remove it and run it again with the storage it had.
    case recreate(RegistryStorage, because: [String])
    /// It is not ours to change.
    case refuse(String)

    /// Why it is not kept, in words; empty when it is.
    var reasons: String {
        switch self {
        case .keep: ""
        case .create: "there is none"
        case .recreate(_, let reasons): reasons.joined(separator: ", ")
        case .refuse(let reason): reason
        }
    }

    /// Where registry:2 and registry:3 keep their data.
    static let dataPath = "/var/lib/registry"
    static let deleteFlag = "REGISTRY_STORAGE_DELETE_ENABLED=true"

    /// Decides from what there is and what is wanted; looks at nothing else.
    public static func decide(_ container: Container?, wish: RegistryWish) -> RegistryDecision {
        guard let container else { return .create(.volume(wish.volume)) }
        guard container.isManaged || isRegistry(container.image, wish.image) else {
            return .refuse(
                "the container '\(wish.name)' runs \(container.image), which is no registry")
        }
        guard let storage = RegistryStorage(of: container) else {
            return container.isManaged
                ? .recreate(.volume(wish.volume), because: ["it has no data volume"])
                : .refuse(
                    "the registry '\(wish.name)' keeps its images inside its container, where"
                        + " recreating it would lose them")
        }
        let reasons = faults(container, wish: wish)
        return reasons.isEmpty ? .keep : .recreate(storage, because: reasons)
    }

    private static func faults(_ container: Container, wish: RegistryWish) -> [String] {
        var faults: [String] = []
        if !container.isRunning { faults.append("it is \(container.status)") }
        if container.networks[wish.network] == nil {
            faults.append("it is not on the network '\(wish.network)'")
        }
        let wanted = Container.Publication(
            containerPort: "5000/tcp", hostAddress: "127.0.0.1", hostPort: wish.port)
        if container.publications != [wanted] {
            faults.append("it does not publish just 127.0.0.1:\(wish.port)")
        }
        if !sameImage(container.image, wish.image) {
            faults.append("it runs \(container.image)")
        }
        if !container.environment.contains(deleteFlag) {
            faults.append("it does not allow deleting images")
        }
        return faults
    }

    private static func sameImage(_ one: String, _ other: String) -> Bool {
        guard let one = try? ImageReference(one), let other = try? ImageReference(other) else {
            return one == other
        }
        return one.normalized == other.normalized
    }

    /// Whether an image is one that people run as a registry.
    private static func isRegistry(_ image: String, _ wanted: String) -> Bool {
        guard let repository = normalizedRepository(image) else { return false }
        let known = ["docker.io/library/registry", "docker.io/distribution/distribution"]
        return known.contains(repository) || repository == normalizedRepository(wanted)
    }

    private static func normalizedRepository(_ text: String) -> String? {
        (try? ImageReference(text))?.normalized.repository
    }
}
