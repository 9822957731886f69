import Tools

/// What puts right what podman left behind when it was killed.
extension Session {
    /// The names of containers on the cluster's network; a podman elsewhere is left alone.
    package var podmanNameService: PodmanNameService {
        let activity = activity
        return PodmanNameService(
            engine: engine, network: place.registry.network,
            folder: engine.remote(environment) == nil ? nameServiceFolder : nil,
            isDryRun: isDryRun
        ) { activity.report(.note($0)) }
    }

    /// This machine's rules for published ports; nil where the engine is on another.
    package var podmanFirewall: PodmanFirewall? {
        guard engine.remote(environment) == nil else { return nil }
        let activity = activity
        return PodmanFirewall(engine: engine) { activity.report(.note($0)) }
    }
}
