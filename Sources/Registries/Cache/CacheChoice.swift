import Vocabulary

/// An image on a node, with the names of it that should go.
struct CacheChoice: Sendable {
    var node: String
    var image: NodeImage
    /// Some of its names, or only its ID when the whole image should go.
    var names: [String]
    /// Whether the user named it, and therefore means it even if it is in use.
    var isNamed: Bool

    private var isWhole: Bool { names == [image.id.description] }
    /// The names under which it must be possible to pull it again.
    var namesToPull: [String] { isWhole ? image.names : names }
    /// As it is shown.
    var shownNames: [String] { isWhole ? image.shownNames : names }
}

/// What nodes can pull again.
struct PullableNames: Sendable {
    /// Names that a registry was seen to serve.
    var names: Set<String>
    /// Those of all names that are of our registry.
    var ours: Set<String>
    /// Why a node cannot pull from our registry; nodes that can are absent.
    var brokenNodes: [String: String] = [:]

    /// Why a node could not pull the image again; nil when it could.
    func problem(_ choice: CacheChoice) -> String? {
        if choice.image.isPinned { return "pinned" }
        let wanted = choice.namesToPull
        guard !wanted.isEmpty else { return "it has no name to pull it by" }
        if let missing = wanted.first(where: { !names.contains($0) }) {
            return "no registry confirms \(missing)"
        }
        guard let reason = brokenNodes[choice.node], wanted.contains(where: ours.contains) else {
            return nil
        }
        return "\(choice.node) cannot pull from the registry: \(ShownText.line(reason))"
    }
}

extension CacheClearPlan {
    /// Decides about an image: returns the names that go, and notes what stays or is risky.
    mutating func weigh(
        _ choice: CacheChoice, _ pullables: PullableNames, _ clear: CacheClear
    ) -> [String] {
        let guarded = GuardedImage(
            node: choice.node, references: choice.shownNames, uses: choice.image.uses,
            unpullable: pullables.problem(choice))
        let isUsed = !guarded.uses.isEmpty
        let takesUsed = clear.includesUsed || choice.isNamed || clear.selection == .stale
        let takesUnpullable = clear.includesUnpullable || choice.isNamed
        if (isUsed && !takesUsed) || (guarded.unpullable != nil && !takesUnpullable) {
            kept.append(guarded)
            return []
        }
        if isUsed || guarded.unpullable != nil { risky.append(guarded) }
        return choice.names
    }
}
