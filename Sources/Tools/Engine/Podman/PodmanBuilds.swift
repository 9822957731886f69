import ChildProcess
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an interrupted `podman build` leaves behind: its working containers, in storage only.
package struct PodmanBuilds: Sendable {
    let engine: Engine

    package init(engine: Engine) {
        self.engine = engine
    }

    /// Removes working containers made since then, unless another build is running, to which
    /// they could belong. Best effort: they only take space.
    package func removeRemains(since start: Date) async {
        guard engine.name == .podman, !PodmanBuilds.isAnotherRunning() else { return }
        _ = try? await withUncancelled {
            let ids = try await engine.listed().filter { entry in
                entry.state == "storage" && entry.command == ["buildah"]
                    && entry.created >= BoundedInteger(start.timeIntervalSince1970)
            }.map(\.id)
            guard !ids.isEmpty else { return }
            try await engine.run(["rm", "--force"] + ids, effect: .changes)
        }
    }

    private static func isAnotherRunning() -> Bool {
        #if os(Linux)
            return PortHolder.processes().contains { pid in
                guard let command = ProcessIdentity.commandLine(of: pid),
                    let tool = command.first?.split(separator: "/").last
                else { return false }
                return tool == "buildah" || (tool == "podman" && command.contains("build"))
            }
        #else
            return true
        #endif
    }
}
