import Sessions
import Tools

/// A claim with a volume, which goes with its namespace and with the cluster.
public struct BoundClaim: Codable, Sendable, Equatable {
    /// Namespace.
    public var namespace: String
    /// Name.
    public var name: String

    /// Those of all namespaces; nil when the cluster does not answer, so that nobody knows.
    package static func all(_ session: Session) async -> [BoundClaim]? {
        struct Claim: Decodable {
            struct Status: Decodable { var phase: String? }
            var metadata: ObjectMetadata
            var status: Status?
        }
        let claims = try? await session.kubectl.list(
            "persistentvolumeclaims", namespace: nil, as: Claim.self, deadline: .seconds(5))
        return claims?.filter { $0.status?.phase == "Bound" }.map {
            BoundClaim(namespace: $0.metadata.namespace ?? "", name: $0.metadata.name)
        }
    }
}
