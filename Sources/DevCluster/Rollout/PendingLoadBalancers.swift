import ChildProcess

/// Tells of Services that want an address from outside and have none; they are never waited for,
/// for a local cluster has nobody who gives addresses.
struct PendingLoadBalancers: Sendable {
    let session: Session
    let namespace: String

    /// Any object, as far as it is a Service that may have an address from outside.
    struct Service: Decodable {
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
        var metadata: ObjectMetadata
        var spec: Spec?
        var status: Status?

        var hasNoAddress: Bool { status?.loadBalancer?.ingress?.isEmpty ?? true }
        /// Whether it wants an address and has none.
        var isPending: Bool {
            ObjectType(apiVersion: apiVersion, kind: kind).builtIn == .service
                && spec?.type == "LoadBalancer" && hasNoAddress
        }
    }

    /// The name of a manifest that is such a Service; nil for everything else.
    @Sendable static func name(_ object: JSONValue) -> String? {
        let isOne =
            ManifestObject(object).builtIn == .service
            && object["spec"]?["type"]?.string == "LoadBalancer"
        return isOne ? object["metadata"]?["name"]?.string : nil
    }

    /// Warns of each of these that has no address.
    ///
    /// - Throws: `DevClusterError` or `InvocationError` when the API does not answer.
    func report(among names: [String]) async throws {
        guard !names.isEmpty, !session.isDryRun else { return }
        let services = try await session.kubectl.list(
            "services", namespace: namespace, as: Service.self)
        for service in services
        where names.contains(service.metadata.name) && service.hasNoAddress {
            session.activity.report(
                .warning(
                    "service/\(service.metadata.name) is a LoadBalancer without an address, which"
                        + " is not waited for: reach it with a forward, devcluster pf start"))
        }
    }
}
