import Registries
import SystemLibraries
import Vocabulary

extension RegistryListing: Report {
    func text(_ style: TextStyle) -> String {
        var lines: [String] = []
        if repositories.isEmpty {
            lines.append("the registry at \(registry) is empty")
        } else {
            lines.append(
                TextTable(
                    ["REPOSITORY", "TAG", "DIGEST", "SIZE", "AGE"],
                    repositories.flatMap { repository in
                        repository.tags.map { tag in
                            [
                                repository.name, tag.tag, tag.digest.short, byteCount(tag.bytes),
                                tag.created.map(age) ?? "-",
                            ]
                        }
                    }
                ).text)
        }
        lines += brokenTags.map {
            style.yellow("\($0) names a manifest that the registry does not have: push it again")
        }
        return (lines + [""] + figures.lines(registry: registry)).joined(separator: "\n")
    }

    private func age(_ time: Date) -> String {
        shortDuration(max(0, Date().timeIntervalSince(time)))
    }
}

extension StorageFigures {
    /// A line for each place.
    func lines(registry name: String) -> [String] {
        var rows = [(name, registry)]
        if let engine { rows.append(("this host's engine", engine)) }
        rows += nodes.sorted { $0.key < $1.key }.map { ("node \($0.key)", $0.value) }
        return [
            TextTable(
                ["IN", "TAGS", "SIZE"],
                rows.map { [$0.0, "\($0.1.tags)", byteCount($0.1.bytes)] }
            ).text
        ]
    }
}

extension PruneReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = removed.map { "\($0.repository):\($0.tag)  \($0.digest.short)" }
        if !ignoredClusters.isEmpty {
            lines.append(
                style.yellow("not asked what they use: \(ignoredClusters.joined(separator: ", "))"))
        }
        guard manifestsDeleted > 0 || !removed.isEmpty || bytesFreed != nil else {
            return (lines + ["nothing to prune: \(counted(tagsKept, "tag")) kept"])
                .joined(separator: "\n")
        }
        let verb = isDryRun ? "would remove" : "removed"
        let freed = bytesFreed.map { ", \(byteCount($0)) freed" } ?? ""
        lines.append(
            "\(verb) \(counted(removed.count, "tag")) and"
                + " \(counted(manifestsDeleted, "manifest")), kept \(counted(tagsKept, "tag"))\(freed)"
        )
        return lines.joined(separator: "\n")
    }
}

extension PreloadReport: Report {
    func text(_ style: TextStyle) -> String {
        images.map { image in
            guard image.isPushed || !image.loaded.isEmpty else {
                return "\(image.reference) is in the registry and on every node"
            }
            let parts = [
                image.isPushed ? "copied to the registry" : nil,
                image.loaded.isEmpty ? nil : "loaded on \(image.loaded.joined(separator: ", "))",
            ].compactMap(\.self)
            return "\(image.reference): \(parts.joined(separator: ", "))"
        }.joined(separator: "\n")
    }
}
