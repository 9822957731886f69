import StateFiles

/// The locks of a registry, by the folder of its state.
///
/// They are two, so that `up` can mend a registry under a deploy that waits for it in vain.
package enum RegistryLock {
    /// Who changes the registry's container: `up` and `prune`.
    package static func path(_ folder: String) -> String { "\(folder)/lock" }

    /// Who relies on what was pushed: `build` and `deploy` share it, `prune` has it alone.
    package static func pushes(_ folder: String) -> String { "\(folder)/pushes.lock" }

    /// How long both sides wait for each other without being told to.
    package static let patience = Duration.seconds(120)
}

extension Session {
    /// Keeps `prune` away from the registry while the value is held.
    package func sharePushes() async throws -> StateLock? {
        // Nothing here removes images from a registry that others run.
        guard place.externalRegistry == nil else { return nil }
        let folder = state.registry(place.engine, place.registry.name)
        return try await lock(
            RegistryLock.pushes(folder), mode: .shared, atLeast: RegistryLock.patience)
    }
}
