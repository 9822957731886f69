/// What both engines' `network inspect` say of a network's addresses.
struct InspectedNetwork: Decodable {
    /// Its ranges, as `10.89.0.0/24`.
    let ranges: [String]

    private enum CodingKeys: String, CodingKey {
        case subnets
        case management = "IPAM"
    }

    private struct Podman: Decodable { var subnet: String? }

    private struct Docker: Decodable {
        struct Range: Decodable { var Subnet: String? }
        var Config: [Range]?
    }

    /// Reads one entry: podman's `subnets` (recorded with 4.3.1), or docker's `IPAM.Config`.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let podman = try container.decodeIfPresent([Podman].self, forKey: .subnets)
        let docker = try container.decodeIfPresent(Docker.self, forKey: .management)
        ranges =
            (podman ?? []).compactMap(\.subnet) + (docker?.Config ?? []).compactMap(\.Subnet)
    }
}
