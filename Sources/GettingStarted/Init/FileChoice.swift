import Vocabulary

/// Chooses among a project's files with manifests: no object twice.
struct FileChoice {
    /// The files of one folder.
    private struct Group {
        var sources: [ManifestSource]
        var order: [Int]
        var folder: String
    }

    /// What is applied.
    private(set) var chosen: [ManifestSource] = []
    /// What is not, with the reason.
    private(set) var left: [ManifestAlternative] = []
    private var definitions: Set<String> = []

    init(_ survey: ProjectSurvey, matched: ([ManifestSource]) -> Int) {
        let sources = FileChoice.loose(survey)
        let byFolder = Dictionary(grouping: sources) { ProjectPath.parent(of: $0.path) }
        let groups = byFolder.map { folder, sources in
            Group(
                sources: sources.sorted { ($0.environment, $0.path) < ($1.environment, $1.path) },
                order: [
                    sources[0].rank, PathWords.environment(of: folder), -matched(sources),
                    ProjectPath.parts(of: folder).count,
                ], folder: folder)
        }.sorted {
            $0.order.lexicographicallyPrecedes($1.order)
                || ($0.order == $1.order && $0.folder < $1.folder)
        }
        let best = groups.first?.order[0] ?? 0
        for group in groups where group.order[0] == best {
            definitions.formUnion(
                group.sources.flatMap(\.objects).compactMap { KubernetesTypes.defined(by: $0) })
        }
        for group in groups { add(group, best: best) }
    }

    /// The files that belong to no kustomization.
    private static func loose(_ survey: ProjectSurvey) -> [ManifestSource] {
        survey.manifests.values.filter { source in
            !survey.kustomizations.contains { kustomization in
                let place = kustomization.place
                let isBeside = ProjectPath.parent(of: source.path) == place
                let isBelow = !place.isEmpty && ProjectPath.isIn(source.path, place)
                let isUsed =
                    kustomization.uses.contains(source.path)
                    && PathWords.rank(of: place, isFolder: true) <= source.rank
                return isBeside || isBelow || isUsed
            }
        }.sorted { $0.path < $1.path }
    }

    private mutating func add(_ group: Group, best: Int) {
        let before = chosen
        let reason: String? =
            if group.order[0] > best {
                group.order[0] > 1 ? ManifestAlternative.aside : ManifestAlternative.made
            } else if isRepeated(group, before) {
                group.order[1] == 1
                    ? ManifestAlternative.again : ManifestAlternative.environment
            } else if group.order[1] > 1, before.contains(where: { $0.environment <= 1 }) {
                ManifestAlternative.environment
            } else { nil }
        for source in group.sources {
            let own = reason ?? objection(to: source, in: group)
            if let own {
                left.append(ManifestAlternative(source: source, reason: own))
            } else {
                chosen.append(source)
            }
        }
    }

    /// Whether the folder has an object that is applied already.
    private func isRepeated(_ group: Group, _ before: [ManifestSource]) -> Bool {
        before.contains { other in
            // Of environments, each has a namespace of its own for the same object.
            let isNamespaced = group.order[1] == 1 && other.environment == 1
            let known = Set(other.objects.map { $0.identity(namespaced: isNamespaced) })
            return group.sources.contains { source in
                source.objects.contains { known.contains($0.identity(namespaced: isNamespaced)) }
            }
        }
    }

    private func objection(to source: ManifestSource, in group: Group) -> String? {
        if let problem = source.problem { return problem }
        let missing = KubernetesTypes.missing(in: source.objects, defined: definitions)
        if !missing.isEmpty { return ManifestAlternative.missing(missing) }
        let beside = chosen.filter { ProjectPath.parent(of: $0.path) == group.folder }
        let known = Set(beside.flatMap(\.objects).map { $0.identity(namespaced: true) })
        let isAgain = source.objects.contains { known.contains($0.identity(namespaced: true)) }
        return isAgain ? ManifestAlternative.again : nil
    }
}
