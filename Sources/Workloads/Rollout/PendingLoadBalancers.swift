import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary

/// Tells of Services that want an address from outside and have none; they are never waited for,
/// for a local cluster has nobody who gives addresses.
package struct PendingLoadBalancers: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Any object, as far as it is a Service that may have an address from outside.
    package struct Service: Decodable {
        struct Spec: Decodable { var type: String? }
        struct Status: Decodable {
            struct Balancer: Decodable {
                struct Ingress: Decodable {}
                var ingress: [Ingress]?
            }
            var loadBalancer: Balancer?
        }
        var apiVersion: String
        var kind: String
        package var metadata: ObjectMetadata
        var spec: Spec?
        var status: Status?

        var hasNoAddress: Bool { status?.loadBalancer?.ingress?.isEmpty ?? true }
        /// Whether it wants an address and has none.
        package var isPending: Bool {
            ObjectType(apiVersion: apiVersion, kind: kind).builtIn == .service
                && spec?.type == "LoadBalancer" && hasNoAddress
        }
    }

    /// The names of such Services among manifests, by namespace.
    ///
    /// - Parameter home: the namespace of those that name none.
    package static func names(in objects: [JSONValue], home: String) -> [String: [String]] {
        let services = objects.map { ManifestObject($0) }.filter {
            $0.builtIn == .service && $0.value["spec"]?["type"]?.string == "LoadBalancer"
        }
        return Dictionary(grouping: services) { $0.namespace ?? home }
            .mapValues { $0.map(\.name) }
    }

    /// Warns of each of these that has no address.
    ///
    /// - Throws: `DevClusterError` or `InvocationError` when the API does not answer.
    package func report(among names: [String: [String]]) async throws {
        guard !session.isDryRun else { return }
        for (namespace, names) in names.sorted(by: { $0.key < $1.key }) {
            try await report(names, in: namespace)
        }
    }

    private func report(_ names: [String], in namespace: String) async throws {
        let services = try await session.kubectl.list(
            "services", namespace: namespace, as: Service.self)
        let isHome = namespace == session.configuration.namespace.description
        for service in services
        where names.contains(service.metadata.name) && service.hasNoAddress {
            let place = isHome ? "" : " (namespace \(namespace))"
            session.activity.report(
                .warning(
                    "service/\(service.metadata.name)\(place) is a LoadBalancer without an address, which"
                        + " is not waited for: reach it with a forward, devcluster pf start"))
        }
    }
}
