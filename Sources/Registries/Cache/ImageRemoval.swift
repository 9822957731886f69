import ChildProcess
import Vocabulary

/// A reference that should go from a node, and what became of it.
public struct RemovedReference: Sendable, Equatable, Codable {
    /// What became of it.
    public enum Outcome: String, Sendable, Codable {
        /// It was there and is gone.
        case removed
        /// It was not there.
        case absent
        /// A container uses its image, and those were to be left.
        case inUse
    }

    /// The node.
    public var node: String
    /// The reference as containerd has it; an ID where the image has no name.
    public var reference: String
    /// What became of it.
    public var outcome: Outcome
    /// Size of the image in bytes if it went with this reference, else 0.
    public var freedBytes: BoundedInteger
}

/// What was removed from several nodes.
package struct ImageRemovalReport: Sendable, Equatable, Codable {
    /// The references, by node.
    package var references: [RemovedReference]
    /// Nodes where not all could be done.
    package var problems: [NodeProblem]

    /// Sizes of the images that went whole, in bytes; layers of theirs that others share stay.
    var freedBytes: BoundedInteger { references.map(\.freedBytes).sum() }
}

/// What `ctr` has to remove from a node, and what that means for the references asked for.
package struct NodeRemoval: Sendable, Equatable {
    var node: String
    /// Every name to remove, IDs included.
    package var names: [String] = []
    /// What is told of it.
    var references: [RemovedReference] = []
}

/// What became of a removal on one node.
struct NodeRemovalResult: Sendable {
    var references: [RemovedReference] = []
    var problem: NodeProblem?
}

extension NodeImageList {
    /// Plans what goes so that none of these names is left; see `NodeImages.remove`.
    package func removal(of names: Set<String>, keepsUsed: Bool = false) -> NodeRemoval {
        var removal = NodeRemoval(node: node)
        var open = names
        for image in images {
            let isWhole = names.contains(image.id.description)
            let asked = isWhole ? image.names : image.names.filter(names.contains)
            guard isWhole || !asked.isEmpty else { continue }
            open.subtract(asked + [image.id.description])
            let shown = isWhole ? image.shownNames : asked
            guard !(keepsUsed && image.isInUse) else {
                removal.references += shown.map { told($0, .inUse) }
                continue
            }
            let going = image.names(goingWith: asked, whole: isWhole)
            removal.names += going
            let isGone = going.contains(image.id.description)
            removal.references += shown.enumerated().map { index, name in
                told(name, .removed, index == 0 && isGone ? image.size : 0)
            }
        }
        removal.references += open.sorted().map { told($0, .absent) }
        return removal
    }

    private func told(
        _ reference: String, _ outcome: RemovedReference.Outcome, _ freedBytes: BoundedInteger = 0
    ) -> RemovedReference {
        RemovedReference(
            node: node, reference: reference, outcome: outcome, freedBytes: freedBytes)
    }
}

extension NodeImage {
    /// The names that people know it by: its tags, or else its digests, or else its ID.
    var shownNames: [String] {
        tags.isEmpty ? (digests.isEmpty ? [id.description] : digests) : tags
    }

    /// All that goes when these names go: more than they, when nothing else needs the image.
    fileprivate func names(goingWith asked: [String], whole: Bool) -> [String] {
        if whole { return asked + [id.description] }
        guard !isInUse else { return asked }
        let repositories = Set(asked.filter(tags.contains).compactMap(repository))
        let taggedStill = Set(tags.filter { !asked.contains($0) }.compactMap(repository))
        let untagged = repositories.subtracting(taggedStill)
        let along = digests.filter { name in
            !asked.contains(name) && repository(name).map(untagged.contains) == true
        }
        let going = asked + along
        return going + (Set(names).isSubset(of: going) ? [id.description] : [])
    }

    private func repository(_ name: String) -> String? {
        (try? ImageReference(name))?.repository
    }
}

extension NodeRemoval {
    /// Reads what ctr said: it prints every name that it removed.
    ///
    /// - Parameter outcome: nil when there was nothing to run.
    func result(_ outcome: Outcome?) -> NodeRemovalResult {
        guard let outcome, !outcome.isSkipped else {
            return NodeRemovalResult(references: references)
        }
        let gone = Set(outcome.text.split(whereSeparator: \.isNewline).map(String.init))
        var result = NodeRemovalResult(references: references)
        if !outcome.succeeded {
            let error = InvocationError(
                .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput)
            result.problem = NodeProblem(node: node, error)
            result.references.removeAll { $0.outcome == .removed && !gone.contains($0.reference) }
        }
        for index in result.references.indices
        where result.references[index].outcome == .removed
            && !gone.contains(result.references[index].reference)
        {
            // Somebody else was faster.
            result.references[index].outcome = .absent
            result.references[index].freedBytes = 0
        }
        return result
    }
}

extension ImageRemovalReport {
    init(_ results: [Result<NodeRemovalResult, NodeProblem>]) {
        references = []
        problems = []
        for result in results {
            switch result {
            case .success(let result):
                references += result.references
                if let problem = result.problem { problems.append(problem) }
            case .failure(let problem): problems.append(problem)
            }
        }
    }
}
