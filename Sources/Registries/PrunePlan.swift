import Images
import Sessions
import Tools
import Vocabulary

/// What goes when a registry is pruned, decided from what it holds and what is in use.
struct PrunePlan: Sendable, Equatable {
    /// A tag that goes.
    struct Tag: Sendable, Equatable, Hashable {
        var repository: String
        var tag: String
        var digest: Digest
        /// Whether its manifest stays, under a tag that is kept.
        var isShared: Bool

        var name: ManifestName { ManifestName(repository: repository, reference: tag) }
    }

    /// Tags that go, by repository and oldest last.
    private(set) var tags: [Tag] = []
    /// Manifests and indexes that are deleted: those of tags that go, their children, and those
    /// that no tag names.
    private(set) var manifests: Set<ManifestName> = []
    /// How many of them no tag names, nor an index that goes.
    private(set) var untagged = 0
    /// How many tags stay, also those that others made; the proof image's is not counted.
    private(set) var keptTags = 0
    /// Bytes of the blobs that nothing refers to afterwards.
    private(set) var bytes: BoundedInteger = 0

    /// Whether there is nothing to do, not even garbage of others to collect.
    var isEmpty: Bool { tags.isEmpty && manifests.isEmpty && bytes == 0 }

    /// Decides.
    ///
    /// - Parameter retention: tags of ours kept in each repository; others are always kept.
    init(
        _ contents: RegistryContents, disk: RegistryDisk, uses: ImageUses, retention: Int,
        own: OwnTags = OwnTags()
    ) {
        var remaining: Set<Digest> = []
        let byName = Dictionary(
            contents.repositories.map { ($0.name, $0.tags) }, uniquingKeysWith: { $1 })
        for repository in Set(disk.manifests.keys).union(byName.keys).sorted() {
            let scope = RepositoryScope(
                name: repository, tags: byName[repository] ?? [:],
                manifests: disk.manifests[repository] ?? [],
                oldManifests: disk.oldManifests[repository] ?? [],
                documents: contents.documents, uses: uses, own: own)
            let decided = scope.decide(retention: retention)
            tags += decided.tags
            manifests.formUnion(decided.deleted.map { ManifestName(repository, $0) })
            untagged += decided.untagged
            if repository != ProofImage.repository {
                keptTags += scope.tags.count - decided.tags.count
            }
            remaining.formUnion(
                scope.manifests.union(scope.tags.values).subtracting(decided.deleted))
        }
        let needed = remaining.reduce(into: remaining) { needed, digest in
            needed.formUnion(contents.documents[digest]?.references ?? [])
        }
        bytes = disk.blobs.lazy.filter { !needed.contains($0.key) }.map(\.value).sum()
    }

    /// The same without what is not in the other plan.
    func restricted(to other: PrunePlan) -> PrunePlan {
        var plan = self
        let agreed = Set(other.tags)
        plan.tags.removeAll { !agreed.contains($0) }
        plan.manifests.formIntersection(other.manifests)
        return plan
    }
}

/// One repository, as the plan looks at it.
private struct RepositoryScope {
    let name: String
    let tags: [String: Digest]
    let manifests: Set<Digest>
    let oldManifests: Set<Digest>
    let documents: [Digest: ManifestDocument]
    let uses: ImageUses
    let own: OwnTags

    struct Decision {
        var tags: [PrunePlan.Tag] = []
        var deleted: Set<Digest> = []
        var untagged = 0
    }

    func decide(retention: Int) -> Decision {
        guard name != ProofImage.repository else { return Decision() }
        let candidates = candidates(retention: retention)
        let keptDigests = Set(tags.filter { !candidates.contains($0.key) }.values)
        var decision = Decision()
        decision.tags = candidates.compactMap { tag in
            tags[tag].map {
                PrunePlan.Tag(
                    repository: name, tag: tag, digest: $0, isShared: keptDigests.contains($0))
            }
        }
        let going = closure(Set(decision.tags.map(\.digest)))
        let tagged = closure(Set(tags.values))
        // What nobody can name was either replaced under its tag, or is being pushed just now.
        let orphans = manifests.subtracting(tagged)
        let young = closure(orphans.subtracting(oldManifests))
        var kept = closure(keptDigests).union(young)
        kept.formUnion(closure(manifests.union(tagged).filter(isUsed)))
        kept.formUnion(closure(signatures(of: kept, among: orphans)))
        let deletable = going.union(orphans).subtracting(kept)
        decision.deleted = deletable.intersection(manifests.union(tags.values))
        decision.untagged = decision.deleted.subtracting(going).count
        return decision
    }

    /// The tags of ours that go, newest first.
    private func candidates(retention: Int) -> [String] {
        let ours = tags.keys.compactMap { tag in own.time(of: tag, in: name).map { (tag, $0) } }
            .sorted { ($0.1, $0.0) > ($1.1, $1.0) }.map(\.0)
        var candidates = ours.dropFirst(retention).filter { !uses.uses(name, tag: $0) }
        // A container may run it under another name; then the newest of its tags stays.
        var named = Set(tags.filter { !candidates.contains($0.key) }.values)
        candidates.removeAll { tag in
            guard let digest = tags[tag], !named.contains(digest),
                closure([digest]).contains(where: isUsed)
            else { return false }
            named.insert(digest)
            return true
        }
        return candidates
    }

    /// Whether a container runs the manifest, or an image with its configuration.
    private func isUsed(_ digest: Digest) -> Bool {
        uses.digests.contains(digest)
            || documents[digest]?.config.map { uses.digests.contains($0.digest) } == true
    }

    /// These manifests with all that the indexes among them list.
    private func closure(_ digests: Set<Digest>) -> Set<Digest> {
        var found = digests
        var open = Array(digests)
        while let digest = open.popLast() {
            for child in documents[digest]?.manifests ?? []
            where found.insert(child.digest).inserted {
                open.append(child.digest)
            }
        }
        return found
    }

    private func signatures(of kept: Set<Digest>, among orphans: Set<Digest>) -> Set<Digest> {
        orphans.filter { documents[$0]?.subject.map { kept.contains($0.digest) } == true }
    }
}

extension ManifestDocument {
    /// Digests of everything it refers to: configuration, layers, or the entries of an index.
    var references: [Digest] {
        ([config].compactMap { $0 } + (layers ?? []) + (manifests ?? [])).map(\.digest)
    }
}
