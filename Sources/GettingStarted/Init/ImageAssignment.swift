import Settings
import Vocabulary

/// Says which of the images that a project builds are meant by the references of its manifests.
///
/// From what is sure to what is likely; a reference that could mean two images means none.
struct ImageAssignment: Sendable {
    /// An image with the references that mean it.
    struct Assigned: Sendable, Equatable {
        var finding: ImageFinding
        /// Without tag and digest.
        var references: [ImageReference] = []
    }

    /// The images; those that are stages of one Containerfile stand for it.
    private(set) var images: [Assigned]
    /// The references that mean none of them, and are not well known.
    private(set) var unknown: [ImageReference] = []
    private var uses: [String: [ContainerUse]] = [:]

    /// Words that say nothing of which image it is.
    private static let vague: Set<String> = [
        "service", "svc", "server", "app", "application", "image", "container", "docker",
    ]

    init(_ findings: [ImageFinding], uses all: [ContainerUse]) {
        images = findings.map { Assigned(finding: $0) }
        var open: [ImageReference] = []
        for use in all {
            guard let reference = try? ImageReference(use.reference).withoutTagAndDigest else {
                continue
            }
            if uses[reference.repository] == nil { open.append(reference) }
            uses[reference.repository, default: []].append(use)
        }
        open.removeAll { assign($0, to: indexByReference(of: $0)) }
        open.removeAll { assign($0, to: indexByName(of: $0)) }
        unknown = open.filter { !PublicImages.contains($0) }
        assignStages()
        for score in [3, 2, 1] { assignUnique { ImageAssignment.likeness($0, $1) == score } }
        let uses = uses
        assignUnique { finding, reference in
            ImageAssignment.isNamed(finding, likeSome: uses[reference.repository] ?? [])
        }
        assignRest()
    }

    /// How many images some reference means.
    var usedCount: Int { images.count { !$0.references.isEmpty } }

    private mutating func assign(_ reference: ImageReference, to index: Int?) -> Bool {
        guard let index else { return false }
        images[index].references.append(reference)
        return true
    }

    private func indexByReference(of reference: ImageReference) -> Int? {
        images.firstIndex { image in
            image.finding.references.contains { text in
                (try? ImageReference(text))?.normalized.repository
                    == reference.normalized.repository
            }
        }
    }

    private func indexByName(of reference: ImageReference) -> Int? {
        let last = ImageAssignment.last(reference)
        let found = images.indices.filter { index in
            ImageAssignment.names(images[index].finding).contains(last)
        }
        return found.first { !images[$0].finding.isAside } ?? found.first
    }

    /// A Containerfile that nothing names, with stages called as the ends of references.
    private mutating func assignStages() {
        for index in images.indices.reversed()
        where images[index].references.isEmpty && images[index].finding.target == nil
            && images[index].finding.origin == nil && !images[index].finding.isAside
        {
            let finding = images[index].finding
            let pairs = unknown.compactMap { reference -> (String, ImageReference)? in
                let last = ImageAssignment.last(reference)
                let stage = finding.stages.first { last == $0 || last.hasSuffix("-\($0)") }
                return stage.map { ($0, reference) }
            }
            let stages = Set(pairs.map(\.0))
            // One alone may be called so by chance.
            guard stages.count > 1 else { continue }
            images[index...index] =
                stages.sorted().map { stage in
                    var image = Assigned(finding: finding)
                    image.finding.target = stage
                    image.references = pairs.filter { $0.0 == stage }.map(\.1)
                    return image
                }[...]
            unknown.removeAll { reference in pairs.contains { $0.1 == reference } }
        }
    }

    /// Assigns where one image and one reference mean each other, and nothing else does.
    private mutating func assignUnique(_ means: (ImageFinding, ImageReference) -> Bool) {
        let free = images.indices.filter {
            images[$0].references.isEmpty && !images[$0].finding.isAside
        }
        for reference in unknown {
            let possible = free.filter { means(images[$0].finding, reference) }
            guard possible.count == 1, let index = possible.first else { continue }
            let others = unknown.filter { means(images[index].finding, $0) }
            if others.count == 1 { images[index].references = [reference] }
        }
        unknown.removeAll { reference in
            images.contains { $0.references.contains(reference) }
        }
    }

    /// One image and one reference that are left belong together.
    private mutating func assignRest() {
        let free = images.indices.filter {
            images[$0].references.isEmpty && !images[$0].finding.isAside
        }
        guard free.count == 1, unknown.count == 1, let index = free.first else { return }
        images[index].references = unknown
        unknown = []
    }

    /// Whether a workload or container of the uses has the image's name.
    private static func isNamed(
        _ finding: ImageFinding, likeSome uses: [ContainerUse]
    ) -> Bool {
        let names = names(finding)
        return uses.contains { use in
            let object = use.object.split(separator: "/").last.map(String.init) ?? ""
            return names.contains(object) || names.contains(use.container)
        }
    }

    /// 3 for the same words, 2 and 1 where one has all the words of the other.
    private static func likeness(_ finding: ImageFinding, _ reference: ImageReference) -> Int {
        let theirs = PathWords.words(last(reference)).subtracting(vague)
        return names(finding).map { name -> Int in
            let mine = PathWords.words(name).subtracting(vague)
            guard !mine.isEmpty, !theirs.isEmpty else { return 0 }
            if mine == theirs { return 3 }
            return mine.isSubset(of: theirs) ? 2 : theirs.isSubset(of: mine) ? 1 : 0
        }.max() ?? 0
    }

    /// What an image may be called, in lower case.
    private static func names(_ finding: ImageFinding) -> Set<String> {
        let references = finding.references.compactMap { try? ImageReference($0) }.map(last)
        return Set((finding.names + references).map { $0.lowercased() })
    }

    /// The last component of a reference's path.
    static func last(_ reference: ImageReference) -> String {
        reference.path.split(separator: "/").last.map(String.init) ?? reference.path
    }
}
