import ChildProcess
import Registries
import Sessions
import Tools
import Vocabulary

/// What nodes have to reach without a proxy.
///
/// kind passes the proxy variables of its environment into the nodes, where containerd and the
/// control plane use them. It adds the pod and service ranges, the network's, the nodes and
/// `.svc` to NO_PROXY (kind 0.27), but knows nothing of our registry.
package struct NodeProxies: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Our containers that nodes pull from.
    private var registries: [String] {
        [session.place.registry.name] + session.mirrors.map(\.container)
    }

    private static let clusterNames = [".svc", ".cluster.local"]

    /// Variables for kind; empty where nobody set a proxy.
    var environment: [String: String] {
        let settings = ProxySettings(session.environment)
        guard !settings.proxies.isEmpty else { return [:] }
        let missing = settings.missing(
            ["localhost", "127.0.0.1"] + registries + NodeProxies.clusterNames)
        let value = (settings.exceptions + missing).joined(separator: ",")
        return ["NO_PROXY": value, "no_proxy": value]
    }

    /// Everything of the cluster that is not reached through a proxy, as far as it is known.
    package func exceptions() async -> [String] {
        let creation = ClusterCreation(
            session: session, permissions: UpPermissions(), switchesContext: false)
        let ranges = (try? await creation.kindConfiguration().ranges) ?? []
        let network =
            (try? await session.engine.ranges(ofNetwork: session.place.registry.network)) ?? []
        return registries + ranges + network + NodeProxies.clusterNames
    }

    /// Why a node that cannot pull asks a proxy for our registry; nil when it does not.
    package func complaint(_ node: Container) -> String? {
        let settings = ProxySettings(node.environment)
        let missing = settings.takesHTTP ? settings.missing(registries) : []
        guard !missing.isEmpty else { return nil }
        return "it was made with HTTP_PROXY, and with no \(missing.joined(separator: ", ")) in"
            + " NO_PROXY, so that it asks the proxy for our registry"
    }

    /// The error for nodes that cannot pull because they ask a proxy; nil when none does.
    ///
    /// A node's environment cannot be changed.
    func error(_ problems: [String: String], _ nodes: [String: Container]) -> DevClusterError? {
        let lines = problems.sorted { $0.key < $1.key }.compactMap { name, problem in
            nodes[name].flatMap(complaint).map { "\(name): \($0): \(problem)" }
        }
        guard !lines.isEmpty else { return nil }
        return DevClusterError(
            .failed,
            "not every node can pull from \(session.place.registryHost):\n"
                + lines.joined(separator: "\n"),
            hint: "make the cluster anew with 'devcluster up --recreate', which puts it into"
                + " NO_PROXY; what runs in it and its volumes are lost, the registry's images stay")
    }
}

extension KindConfiguration {
    /// The ranges of pods and services: those of the user's file, else kind's.
    var ranges: [String] {
        let networking = base?["networking"]
        let family = networking?["ipFamily"]?.string
        let defaults = [
            ("podSubnet", "10.244.0.0/16", "fd00:10:244::/56"),
            ("serviceSubnet", "10.96.0.0/16", "fd00:10:96::/112"),
        ]
        return defaults.flatMap { field, four, six in
            if let own = networking?[field]?.string {
                return own.split(separator: ",").map(\.trimmingSpace)
            }
            return switch family {
            case "ipv6": [six]
            case "dual": [four, six]
            default: [four]
            }
        }
    }
}
