import ChildProcess
import SystemLibraries
import Vocabulary

/// A container as podman lists it: also one that it does not inspect, since only its removal is
/// known, or only its files are.
struct ListedContainer: Decodable, Sendable {
    var id: String
    var names: [String]
    /// As `Container.status`; `storage` for one that only has files.
    var state: String
    var image: String
    var labels: [String: String]
    /// What it runs; `buildah` in a working container of a build.
    var command: [String]
    /// In seconds since 1970.
    var created: BoundedInteger

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case state = "State"
        case image = "Image"
        case labels = "Labels"
        case command = "Command"
        case created = "Created"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.checked(.id) { NameGrammar.engineObject($0) }
        names = try container.decodeIfPresent([String].self, forKey: .names) ?? []
        state = try container.decodeIfPresent(String.self, forKey: .state) ?? ""
        image = try container.decodeIfPresent(String.self, forKey: .image) ?? ""
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        command = try container.decodeIfPresent([String].self, forKey: .command) ?? []
        created = try container.decodeIfPresent(BoundedInteger.self, forKey: .created) ?? 0
    }
}

extension Engine {
    /// Everything that podman lists.
    ///
    /// - Throws: `DevClusterError` when podman does not work.
    func listed(deadline: Duration? = nil) async throws -> [ListedContainer] {
        let outcome = try await run(
            ["ps", "--all", "--external", "--format", "json"], deadline: deadline)
        guard outcome.succeeded,
            let entries = try? JSONDecoder().decode([ListedContainer].self, from: outcome.output)
        else { throw broken(outcome) }
        return entries
    }
}
