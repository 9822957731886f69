import Sessions
import Tools
import Vocabulary

/// What `up` does with the registry's container, with all that it needs for it.
package enum RegistryDecision: Sendable, Equatable {
    /// It is exactly right.
    case keep
    /// There is none: run it with this storage.
    case create(RegistryStorage)
    /// It only does not run; if it cannot be started it is made again with this storage.
    case start(RegistryState.Status, RegistryStorage?)
    /// It is not right: remove it and run it again with the storage it had.
    case recreate(RegistryStorage, because: [String])
    /// The same, but clusters that use it have to be asked for first.
    case ask(RegistryStorage, because: [String])
    /// It is not ours to change.
    case refuse(String, hint: String)

    /// Why it is not kept, in words; empty when it is.
    package var reasons: [String] {
        switch self {
        case .keep: []
        case .create: ["there is none"]
        case .start(let status, _): ["it is \(status)"]
        case .recreate(_, let reasons), .ask(_, let reasons): reasons
        case .refuse(let reason, _): [reason]
        }
    }

    static let deleteFlag = "REGISTRY_STORAGE_DELETE_ENABLED=true"

    /// Decides from what there is and what is wanted; looks at nothing else.
    ///
    /// - Parameter answers: whether its API answers.
    /// - Parameter isShared: whether other clusters pull from it.
    /// - Parameter replacesForeign: whether a container of others is to go.
    /// - Parameter agrees: whether the user agrees to a change that other clusters notice.
    package static func decide(
        _ container: Container?, spec: RegistrySpec, answers: Bool = true, isShared: Bool = false,
        replacesForeign: Bool = false, agrees: Bool = false
    ) -> RegistryDecision {
        let state = RegistryState(container, spec: spec, answers: answers, isShared: isShared)
        let storage = container.flatMap(RegistryStorage.init(of:))
        let kept = storage ?? .volume(spec.volume)
        let reasons = faults(container, spec: spec, state)
        let outcome = RegistryOutcome.decide(
            state, replacesForeign: replacesForeign, agrees: agrees)
        switch outcome {
        case .keep: return .keep
        case .create: return .create(.volume(spec.volume))
        case .start: return .start(state.status, storage)
        case .recreate where state.owner == .foreign:
            return .recreate(.volume(spec.volume), because: ["it was no registry"])
        case .recreate: return .recreate(kept, because: reasons)
        case .ask: return .ask(kept, because: reasons)
        case .refuse:
            return .refuse(
                "the container '\(spec.name)' runs \(container?.image ?? ""), which is no registry",
                hint: "rename it, set spec.registry.name to another name, or let it go with"
                    + " 'devcluster up --replace-foreign'")
        case .refuseLoss:
            return .refuse(
                "the registry '\(spec.name)' keeps its images inside its container, where"
                    + " recreating it would lose them; \(reasons.joined(separator: ", "))",
                hint: "push them elsewhere and remove it, or set spec.registry.name to another"
                    + " name")
        }
    }

    private static func faults(_ container: Container?, spec: RegistrySpec, _ state: RegistryState)
        -> [String]
    {
        guard let container else { return [] }
        var faults: [String] = []
        if !container.isRunning { faults.append("it is \(container.status)") }
        if !state.isOnNetwork { faults.append("it is not on the network '\(spec.network)'") }
        if !state.hasPort || !state.hasAddress {
            faults.append("it does not publish just 127.0.0.1:\(spec.port)")
        }
        if !state.hasImage { faults.append("it runs \(container.image)") }
        if !state.allowsDeleting { faults.append("it does not allow deleting images") }
        if container.isRunning && !state.answers && faults.isEmpty {
            faults.append("it does not answer")
        }
        return faults
    }
}

extension RegistryState {
    /// The state of a container that has the registry's name; nil for none.
    init(_ container: Container?, spec: RegistrySpec, answers: Bool, isShared: Bool) {
        guard let container else {
            self.init(
                status: .missing, owner: .ours, storage: .configured, isOnNetwork: false,
                hasPort: false, hasAddress: false, hasImage: false, allowsDeleting: false,
                isShared: isShared, answers: false)
            return
        }
        let published = container.publications
        self.init(
            status: Status(container.status), owner: Owner(container, spec),
            storage: Storage(container, spec),
            isOnNetwork: container.networks[spec.network] != nil,
            hasPort: published.map(\.hostPort) == [spec.port]
                && published.map(\.containerPort) == ["5000/tcp"],
            hasAddress: published.allSatisfy { $0.hostAddress == "127.0.0.1" },
            hasImage: Owner.isSame(container.image, spec.image),
            allowsDeleting: container.environment.contains(RegistryDecision.deleteFlag),
            isShared: isShared, answers: answers)
    }
}

extension RegistryState.Status {
    /// podman's and docker's words; podman also has `configured`, `stopping`, and `initialized`,
    /// in which only a start that was killed leaves a container: it has its port, and runs nothing.
    init(_ status: String) {
        switch status {
        case "created", "configured": self = .created
        case "running": self = .running
        case "paused": self = .paused
        case "exited", "stopped", "stopping": self = .exited
        case "removing": self = .removing
        default: self = .dead
        }
    }
}

extension RegistryState.Owner {
    fileprivate init(_ container: Container, _ spec: RegistrySpec) {
        if container.isManaged {
            self = .ours
        } else {
            self = Self.isRegistry(container.image, spec.image) ? .adoptable : .foreign
        }
    }

    fileprivate static func isSame(_ one: String, _ other: String) -> Bool {
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

extension RegistryState.Storage {
    fileprivate init(_ container: Container, _ spec: RegistrySpec) {
        switch RegistryStorage(of: container) {
        case nil: self = container.isInspected ? .inside : .configured
        case .folder: self = .folder
        case .volume(spec.volume): self = .configured
        case .volume(let name):
            let isMadeUp = name.count == 64 && name.allSatisfy(\.isHexDigit)
            self = isMadeUp ? .anonymous : .other
        }
    }
}
