import Registries
import Vocabulary

extension CacheListReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines: [String] = []
        let rows = images.flatMap(rows)
        if rows.isEmpty {
            if problems.isEmpty { lines.append("the nodes hold no images") }
        } else {
            lines = TextTable(
                ["IMAGE", "ID", "SIZE", "NODES", "REGISTRY", "USED BY"], rows.map(\.cells)
            ).text.split(separator: "\n").map(String.init)
            for (index, row) in rows.enumerated() where index + 1 < lines.count {
                if row.isStale { lines[index + 1] = style.red(lines[index + 1]) }
            }
        }
        if let registryProblem {
            lines.append(registryLine(registryProblem, style))
        }
        return (lines + problemLines(problems, "could not be read", style)).joined(separator: "\n")
    }

    private func rows(_ image: Image) -> [(cells: [String], isStale: Bool)] {
        var names = image.references.map { ($0.name, $0.nodes, $0.freshness) }
        if names.isEmpty {
            names = [(image.digests.first ?? "<none>", image.holders.map(\.node), nil)]
        }
        return names.map { name, nodes, freshness in
            (
                [
                    name, image.id.short, byteCount(image.size),
                    nodes.count == self.nodes.count && nodes.count > 1
                        ? "all" : nodes.joined(separator: ","),
                    freshness?.rawValue ?? "-", users(of: image),
                ], freshness == .stale
            )
        }
    }

    private func users(of image: Image) -> String {
        let uses = image.holders.flatMap(\.uses)
        if uses.isEmpty { return image.isPinned ? "pinned" : "-" }
        return uses.pods(atMost: 2)
    }
}

extension CacheClearReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = removed
        if lines.isEmpty { lines.append("nothing was removed") }
        if freedBytes > 0 {
            lines.append(
                "freed up to \(byteCount(freedBytes)): layers that other images have stay")
        }
        if !bereft.isEmpty {
            lines.append(
                "running containers go on until they are replaced: \(bereft.pods(atMost: 5))")
        }
        lines += unmatched.map { "no node has \($0)" }
        lines += keptLines(style)
        if let registryProblem { lines.append(registryLine(registryProblem, style)) }
        return (lines + problemLines(problems, "could not be cleared", style))
            .joined(separator: "\n")
    }

    /// One line a reference, with all its nodes.
    private var removed: [String] {
        var order: [String] = []
        var nodes: [String: [String]] = [:]
        for item in references where item.outcome == .removed {
            if nodes[item.reference] == nil { order.append(item.reference) }
            nodes[item.reference, default: []].append(item.node)
        }
        return order.map {
            "removed \($0) from \((nodes[$0] ?? []).joined(separator: ", "))"
        }
    }

    private func keptLines(_ style: TextStyle) -> [String] {
        guard !kept.isEmpty else { return [] }
        var order: [[String]] = []
        var images: [[String]: [GuardedImage]] = [:]
        for image in kept {
            if images[image.references] == nil { order.append(image.references) }
            images[image.references, default: []].append(image)
        }
        let rows = order.map { references in
            let images = images[references] ?? []
            let uses = images.flatMap(\.uses)
            let reasons = [
                uses.isEmpty ? nil : "used by " + uses.pods(atMost: 2),
                images.compactMap(\.unpullable).first,
            ]
            return [
                references[0] + (references.count > 1 ? " (+\(references.count - 1))" : ""),
                images.map(\.node).joined(separator: ","),
                reasons.compactMap { $0 }.joined(separator: "; "),
            ]
        }
        var lines = ["", TextTable(["KEPT", "NODES", "WHY"], rows).text, ""]
        if kept.contains(where: { !$0.uses.isEmpty && $0.unpullable == nil }) {
            lines.append(style.dim("--in-use takes what is used"))
        }
        if kept.contains(where: { $0.unpullable != nil }) {
            lines.append(style.dim("--include-unpullable takes what a node could not pull again"))
        }
        return lines
    }
}

private func registryLine(_ problem: String, _ style: TextStyle) -> String {
    style.yellow("? the registry did not say what it serves: \(problem)")
}

private func problemLines(_ problems: [NodeProblem], _ what: String, _ style: TextStyle)
    -> [String]
{
    problems.map { style.yellow("? \($0.node) \(what): \($0.reason)") }
}
