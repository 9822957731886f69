import ChildProcess
import Vocabulary

extension Engine {
    /// Which volumes are meant.
    package enum VolumeChoice: Sendable {
        case all
        /// Those with this label of devcluster's.
        case labelled(String, String)
        /// Those that no container uses.
        case unused

        fileprivate var arguments: [String] {
            switch self {
            case .all: []
            case .labelled(let label, let value): ["--filter", "label=\(label)=\(value)"]
            case .unused: ["--filter", "dangling=true"]
            }
        }
    }

    /// The names of volumes.
    ///
    /// Of one choice only: podman takes several filters for "any of them" (podman#26786).
    /// - Throws: `InvocationError` when the engine does not work.
    package func volumes(_ choice: VolumeChoice = .all) async throws -> [String] {
        try await run(["volume", "ls", "--quiet"] + choice.arguments).checked().text
            .split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Makes a volume, unless it is there.
    ///
    /// - Returns: whether it was not there.
    /// - Throws: `InvocationError` when it cannot be made.
    @discardableResult
    package func make(volume: String, labels: [String: String]) async throws -> Bool {
        guard try await !volumes().contains(volume) else { return false }
        try await run(
            ["volume", "create"] + ContainerSpec.arguments(labels: labels) + [volume],
            effect: .changes
        ).checked()
        return true
    }

    /// Removes the volume; one that is not there is no error.
    ///
    /// - Throws: `InvocationError` when it is in use.
    package func remove(volume: String) async throws {
        guard try await volumes().contains(volume) else { return }
        try await run(["volume", "rm", volume], effect: .changes).checked()
    }
}
