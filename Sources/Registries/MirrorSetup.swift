import ChildProcess
import Sessions
import Tools
import Vocabulary

/// Makes the pull-through caches right; what they have cached stays.
package struct MirrorSetup: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    private var spec: RegistrySpec { session.place.registry }

    /// Makes all of them, side by side.
    ///
    /// - Returns: what was done.
    /// - Throws: `DevClusterError` when a name belongs to somebody else; `InvocationError`.
    package func run() async throws -> [String] {
        let mirrors = session.mirrors
        guard !mirrors.isEmpty else { return [] }
        let found = try await session.engine.containers(named: mirrors.map(\.container))
        return try await withThrowingTaskGroup(of: String?.self) { group in
            for mirror in mirrors {
                group.addTask { try await ensure(mirror, found[mirror.container]) }
            }
            var done: [String] = []
            for try await result in group { if let result { done.append(result) } }
            return done.sorted()
        }
    }

    private func ensure(_ mirror: Mirror, _ container: Container?) async throws -> String? {
        if let container {
            guard container.isManaged else {
                throw DevClusterError(
                    .failed,
                    "the container '\(mirror.container)' was not made by devcluster, and the"
                        + " mirror of \(mirror.host) needs its name",
                    hint: "rename or remove it")
            }
            guard !mirror.faults(container, spec).isEmpty else { return nil }
        }
        return try await session.activity.step("mirror of \(mirror.host)") { step in
            let setup = RegistrySetup(session: session)
            try await setup.ensureImage(step)
            try await setup.waitForNetwork(step)
            try await session.engine.removeIfThere(container: mirror.container)
            let labels = setup.labels(role: "mirror")
            try await session.engine.make(volume: mirror.volume, labels: labels)
            try await session.engine.run(
                ContainerSpec(
                    name: mirror.container, image: spec.image, network: spec.network,
                    mount: "\(mirror.volume):\(RegistryProgram.dataPath)",
                    setting: mirror.setting, labels: labels))
            return "mirror of \(mirror.host) \(container == nil ? "created" : "recreated")"
        }
    }

    /// Removes caches that belong to our registry, also those no longer configured.
    ///
    /// - Parameter data: whether what they cached goes too.
    /// - Returns: what was removed.
    package func remove(data: Bool) async throws -> [String] {
        let prefix = "\(spec.name)-mirror-"
        var removed: [String] = []
        let containers = try await session.engine.containerNames(
            labelled: DevClusterLabel.role, "mirror")
        for name in containers where name.hasPrefix(prefix) {
            try await session.engine.remove(container: name)
            removed.append("mirror \(name)")
        }
        guard data else { return removed }
        let volumes = try await session.engine.volumes(.labelled(DevClusterLabel.role, "mirror"))
        for name in volumes where name.hasPrefix(prefix) {
            try await session.engine.remove(volume: name)
            removed.append("volume \(name)")
        }
        return removed
    }
}
