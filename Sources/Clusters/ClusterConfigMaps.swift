import ChildProcess
import Sessions
import SystemLibraries
import Templates
import Tools

/// The two ConfigMaps in `kube-public`: which registry the cluster uses, and who made it.
enum ClusterConfigMaps {
    static let hosting = "local-registry-hosting"

    /// The names of those that are not there, or say something else.
    static func missing(in found: [String: [String: String]], _ place: ClusterPlace) -> [String] {
        var missing: [String] = []
        let said = found[hosting]?["localRegistryHosting.v1"] ?? ""
        if !said.contains("\"\(place.registryHost)\"") { missing.append(hosting) }
        if found[ClusterOwnership.configMap]?["cluster"] != place.cluster
            || found[ClusterOwnership.configMap]?["registry"] != place.registry.name
        {
            missing.append(ClusterOwnership.configMap)
        }
        return missing
    }

    /// Writes both.
    static func apply(_ session: Session) async throws {
        let place = session.place
        let hosting = Template.localRegistryHosting.filled([
            "port": "\(place.registry.port)", "registry": place.registry.name,
        ])
        let ownership = Template.ownership.filled([
            "cluster": place.cluster, "registry": place.registry.name, "project": place.cluster,
        ])
        _ = try await session.kubectl.apply(
            Data((hosting + "---\n" + ownership).utf8), namespace: nil)
    }
}
