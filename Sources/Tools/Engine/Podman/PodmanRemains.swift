import ChildProcess
import SystemLibraries
import Vocabulary

/// Containers that podman left half made or half removed when it was killed.
struct PodmanRemains: Sendable {
    let engine: Engine

    /// Containers whose removal was killed half way.
    ///
    /// podman 4.3.1 refuses to inspect them, and anything that is asked for with them, with
    /// "getting container from store …: container not known".
    func halfRemoved(_ names: [String]) async throws -> [String: Container] {
        let half = try await engine.listed().compactMap { entry -> (String, Container)? in
            guard entry.state == "removing", let name = entry.names.first(where: names.contains)
            else { return nil }
            return (
                name,
                Container(removing: entry.id, name: name, image: entry.image, labels: entry.labels)
            )
        }
        return Dictionary(half) { first, _ in first }
    }

    /// Removes what a killed `podman run` left in storage under one of these names.
    func removeStored(named names: [String]) async throws -> Bool {
        let ids = ((try? await engine.listed()) ?? []).filter {
            $0.state == "storage" && !Set($0.names).isDisjoint(with: names)
        }.map(\.id)
        guard !ids.isEmpty else { return false }
        try await engine.run(["rm", "--force"] + ids, effect: .changes).checked()
        return true
    }

    /// Removes working containers of builds that were interrupted since then, unless another build
    /// is running, to which they could belong. Best effort: they only take space.
    func removeWorkingContainers(since start: Date) async {
        guard !PodmanRemains.isBuildRunning() else { return }
        _ = try? await withUncancelled {
            // The engine that hangs is the usual reason to interrupt a build.
            let ids = try await engine.listed(deadline: .seconds(3)).filter { entry in
                entry.state == "storage" && entry.command == ["buildah"]
                    && entry.created >= BoundedInteger(start.timeIntervalSince1970)
            }.map(\.id)
            guard !ids.isEmpty else { return }
            try await engine.run(["rm", "--force"] + ids, deadline: .seconds(10), effect: .changes)
        }
    }

    private static func isBuildRunning() -> Bool {
        #if os(Linux)
            return ProcessIdentity.all().contains { process in
                guard let command = process.commandLine,
                    let tool = command.first?.split(separator: "/").last
                else { return false }
                return tool == "buildah" || (tool == "podman" && command.contains("build"))
            }
        #else
            return true
        #endif
    }
}
