import Vocabulary

/// Chooses the one source of manifests that a project is deployed from.
///
/// What a tool's file names, if it uses all images that the file names; else of that, the
/// kustomizations, the plain files and the charts, that which uses most of the images that are
/// built; of equals the plainest.
struct ManifestChoice: Sendable {
    /// Sources of one kind.
    private struct Option {
        var origin: String?
        var chosen: [ManifestSource]
        var left: [ManifestAlternative]
        var hasMissing: Bool {
            !KubernetesTypes.missing(in: chosen.flatMap(\.objects)).isEmpty
        }
        var hasChart: Bool { chosen.contains { if case .chart = $0.form { true } else { false } } }
    }

    /// The tool's file that names them; nil when they were found.
    let origin: String?
    let chosen: [ManifestSource]
    let alternatives: [ManifestAlternative]

    init(_ survey: ProjectSurvey, images: [ImageFinding]) {
        func matched(_ sources: [ManifestSource]) -> Int {
            ImageAssignment(images, uses: sources.flatMap(\.uses)).usedCount
        }
        func isComplete(_ option: Option) -> Bool {
            let own = images.filter { $0.origin != nil && $0.origin == option.origin }
            let uses = option.chosen.flatMap(\.uses)
            return !own.isEmpty && ImageAssignment(own, uses: uses).usedCount == own.count
        }
        let kustomizations = KustomizationChoice(survey) { matched([$0]) }
        let loose = FileChoice(survey, matched: matched)
        let charts = ManifestChoice.charts(survey.charts) { matched([$0]) }
        var options = survey.tools.compactMap { ManifestChoice.option($0, survey) }
        options.append(Option(chosen: kustomizations.chosen, left: kustomizations.left))
        options.append(Option(chosen: loose.chosen, left: loose.left))
        options.append(charts)
        let ranked = options.enumerated().filter { !$0.element.chosen.isEmpty }.map {
            index, option in
            (
                option: option,
                order: [
                    option.origin == nil ? option.chosen[0].rank : 0,
                    isComplete(option) ? Int.min : -matched(option.chosen),
                    option.hasMissing ? 1 : 0, option.hasChart ? 1 : 0,
                    index,
                ]
            )
        }.sorted { $0.order.lexicographicallyPrecedes($1.order) }
        let best = ranked.first?.option
        origin = best?.origin
        chosen = best?.chosen ?? []
        let others = ranked.dropFirst().flatMap { other in
            other.option.chosen.map {
                ManifestAlternative(
                    source: $0,
                    reason: $0.rank > 1
                        ? ManifestAlternative.aside : ManifestAlternative.other)
            }
        }
        alternatives = ManifestChoice.distinct(
            others + options.flatMap(\.left), without: best?.chosen ?? [])
    }

    /// Each once, with its first reason, but those that are applied anyway.
    private static func distinct(
        _ all: [ManifestAlternative], without chosen: [ManifestSource]
    ) -> [ManifestAlternative] {
        var seen = Set(chosen.map(\.path))
        return all.filter { seen.insert($0.source.path).inserted }
    }

    private static func charts(
        _ charts: [ManifestSource], matched: (ManifestSource) -> Int
    ) -> Option {
        let ordered = charts.map { ($0, [$0.rank, -matched($0)]) }
            .sorted { $0.1.lexicographicallyPrecedes($1.1) }
        guard let best = ordered.first else { return Option(chosen: [], left: []) }
        // Those that use images of ours; else the first alone.
        let chosen = ordered.filter { $0.1[0] == best.1[0] && $0.1[1] < 0 }.map(\.0)
        let left = ordered.map(\.0).filter { !chosen.contains($0) && $0 != best.0 }
        return Option(
            chosen: chosen.isEmpty ? [best.0] : chosen,
            left: left.map {
                ManifestAlternative(source: $0, reason: ManifestAlternative.other)
            })
    }

    /// What a tool's file names.
    private static func option(_ tool: ToolFindings, _ survey: ProjectSurvey) -> Option? {
        guard !tool.manifests.isEmpty else { return nil }
        var option = Option(chosen: [], left: [])
        option.origin = tool.origin
        for source in tool.manifests.flatMap({ sources(of: $0, survey) })
        where !option.chosen.contains(source) {
            let missing = source.missingTypes
            if let problem = source.problem {
                option.left.append(ManifestAlternative(source: source, reason: problem))
            } else if case .file = source.form, !missing.isEmpty,
                !KubernetesTypes.missing(
                    in: source.objects,
                    defined: survey.definitions(in: tool.manifests)
                ).isEmpty
            {
                option.left.append(
                    ManifestAlternative(
                        source: source, reason: ManifestAlternative.missing(missing)))
            } else {
                option.chosen.append(source)
            }
        }
        return option
    }

    private static func sources(of finding: ManifestFinding, _ survey: ProjectSurvey)
        -> [ManifestSource]
    {
        switch finding {
        case .files(let pattern): survey.manifests(matching: pattern)
        case .kustomization(let place): survey.rendered.filter { $0.path == place }
        case .chart(let chart):
            survey.charts.filter { $0.path == chart.path }.map { found in
                var source = found
                source.form = .chart(chart)
                source.references += chart.images
                return source
            }
        }
    }
}

extension ProjectSurvey {
    /// The files with manifests that a pattern of paths means.
    func manifests(matching pattern: String) -> [ManifestSource] {
        let pattern = PathPattern(pattern)
        return manifests.values.filter { pattern.covers(ProjectPath.parts(of: $0.path)) }
            .sorted { $0.path < $1.path }
    }

    /// The types that the files of these findings define.
    fileprivate func definitions(in findings: [ManifestFinding]) -> Set<String> {
        let sources = findings.flatMap { finding -> [ManifestSource] in
            if case .files(let pattern) = finding { manifests(matching: pattern) } else { [] }
        }
        return Set(sources.flatMap(\.objects).compactMap { KubernetesTypes.defined(by: $0) })
    }
}
