/// Everything that decides what `up` does with the container of the registry's name.
///
/// `docs/states.md` holds the table of all states; a test walks through every one of them.
package struct RegistryState: Sendable, Hashable {
    /// What the engine says of the container, in classes that need the same.
    package enum Status: String, Sendable, CaseIterable {
        /// There is no container of this name.
        case missing
        /// Made, and never started.
        case created
        case running
        case paused
        /// It ended, or is about to.
        case exited
        /// The engine cannot run it any more, or keeps restarting it.
        case dead
        /// A removal was begun and did not end.
        case removing
    }

    /// Whose container it is.
    package enum Owner: String, Sendable, CaseIterable {
        case ours
        /// Somebody else's, running the image of a registry.
        case adoptable
        /// Anything else.
        case foreign
    }

    /// Where it keeps its images.
    package enum Storage: String, Sendable, CaseIterable {
        /// The configured volume.
        case configured
        /// A volume of another name.
        case other
        /// A volume that the engine named.
        case anonymous
        /// A folder of the host.
        case folder
        /// Inside the container itself, with which it goes.
        case inside
    }

    /// What it is doing.
    package var status: Status
    /// Whose it is.
    package var owner: Owner
    /// Where its images are.
    package var storage: Storage
    /// Whether it is on the cluster's network.
    package var isOnNetwork: Bool
    /// Whether it publishes the configured port, and no other.
    package var hasPort: Bool
    /// Whether it publishes on 127.0.0.1 only.
    package var hasAddress: Bool
    /// Whether it runs the configured image.
    package var hasImage: Bool
    /// Whether it lets images be deleted.
    package var allowsDeleting: Bool
    /// Whether another cluster pulls from it.
    package var isShared: Bool
    /// Whether its API answers; means nothing while it does not run.
    package var answers: Bool

    /// Whether it was made as it would be made now.
    var isAsConfigured: Bool {
        isOnNetwork && hasPort && hasAddress && hasImage && allowsDeleting
    }
}

/// What `up` does with a registry; the last column of the table in `docs/states.md`.
enum RegistryOutcome: String, Sendable, CaseIterable {
    /// Nothing.
    case keep
    /// Make it.
    case create
    /// Start or unpause the container that there is.
    case start
    /// Remove the container and make it again, with the images it had.
    case recreate
    /// The same, once the user agreed: other clusters are using it.
    case ask
    /// Nothing: the container is somebody else's. `--replace-foreign` replaces it.
    case refuse
    /// Nothing: its images would be lost with the container.
    case refuseLoss = "refuse (loss)"

    /// Decides for any state; looks at nothing else.
    ///
    /// - Parameter replacesForeign: whether the user wants a container of others to go.
    /// - Parameter agrees: whether the user agrees to a change that other clusters notice.
    static func decide(
        _ state: RegistryState, replacesForeign: Bool = false, agrees: Bool = false
    ) -> RegistryOutcome {
        guard state.status != .missing else { return .create }
        guard state.owner != .foreign else { return replacesForeign ? .recreate : .refuse }
        if state.isAsConfigured {
            switch state.status {
            case .running where state.answers: return .keep
            case .created, .exited, .paused: return .start
            default: break
            }
        }
        guard state.storage != .inside else { return .refuseLoss }
        // While it does not work nobody loses by its change, unless it moves to another port.
        let isMissed = state.status == .running && state.answers || !state.hasPort
        return state.isShared && isMissed && !agrees ? .ask : .recreate
    }
}
