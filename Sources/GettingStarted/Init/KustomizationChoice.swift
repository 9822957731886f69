import Vocabulary

/// Chooses among a project's kustomizations: never two that come from one base.
struct KustomizationChoice {
    private let places: [String: Kustomization]
    /// What is applied.
    private(set) var chosen: [ManifestSource] = []
    /// What is not, with the reason.
    private(set) var left: [ManifestAlternative] = []

    init(_ survey: ProjectSurvey, matched: (ManifestSource) -> Int) {
        places = Dictionary(survey.kustomizations.map { ($0.place, $0) }) { first, _ in first }
        let usable = survey.rendered.filter { source in
            !source.objects.isEmpty && !source.objects.contains { KubernetesTypes.isTools($0) }
        }
        let roots = usable.filter { source in
            !usable.contains { isPart(source, of: $0) }
        }
        let ordered = roots.map { source in
            (
                source,
                [
                    source.rank, source.objects.contains(where: \.runsPods) ? 0 : 1,
                    source.missingTypes.isEmpty ? 0 : 1, source.environment,
                    -matched(source), ProjectPath.parts(of: source.path).count,
                ]
            )
        }.sorted {
            ($0.1.lexicographicallyPrecedes($1.1)) || ($0.1 == $1.1 && $0.0.path < $1.0.path)
        }
        for (source, _) in ordered { add(source) }
        left += survey.rendered.filter { !usable.contains($0) }.map { source in
            let types = source.missingTypes
            let reason = types.isEmpty ? "it has no objects" : ManifestAlternative.missing(types)
            return ManifestAlternative(source: source, reason: source.problem ?? reason)
        }
    }

    /// Whether another one takes it in that is meant as much.
    private func isPart(_ source: ManifestSource, of other: ManifestSource) -> Bool {
        guard let user = places[other.path], other.path != source.path else { return false }
        return user.uses.contains(source.path) && other.rank <= source.rank
    }

    private mutating func add(_ source: ManifestSource) {
        if let reason = objection(to: source) {
            left.append(ManifestAlternative(source: source, reason: reason))
        } else {
            chosen.append(source)
        }
    }

    private func objection(to source: ManifestSource) -> String? {
        guard let first = chosen.first else { return nil }
        if source.rank > first.rank { return ManifestAlternative.aside }
        let missing = source.missingTypes
        if !missing.isEmpty { return ManifestAlternative.missing(missing) }
        if source.environment > 1 && first.environment <= 1 {
            return ManifestAlternative.environment
        }
        if chosen.contains(where: { isSame($0, source) }) { return ManifestAlternative.again }
        return source.objects.contains(where: \.runsPods) ? nil : "it runs nothing"
    }

    private func isSame(_ one: ManifestSource, _ other: ManifestSource) -> Bool {
        let objects = Set(one.objects.map { $0.identity(namespaced: false) })
        return !bases(of: one.path).isDisjoint(with: bases(of: other.path))
            || other.objects.contains { objects.contains($0.identity(namespaced: false)) }
    }

    /// Everything that a kustomization takes in, at any depth, without components: those are
    /// made to be shared.
    private func bases(of place: String) -> Set<String> {
        var found: Set<String> = []
        var open = [place]
        while let next = open.popLast() {
            guard places[next]?.isComponent != true, found.insert(next).inserted else { continue }
            open += places[next]?.uses ?? []
        }
        return found
    }
}
