import DevCluster

extension UpReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = [
            changes.isEmpty
                ? "\(cluster) is up: nothing had to be changed"
                : "\(cluster) is up: \(changes.joined(separator: "; "))"
        ]
        lines.append("  context   \(context)")
        lines.append("  nodes     \(nodes.joined(separator: ", "))")
        lines.append("  registry  \(registry)")
        return lines.joined(separator: "\n")
    }
}

extension DownReport: Report {
    func text(_ style: TextStyle) -> String {
        deleted.isEmpty
            ? "nothing to delete: there is no cluster '\(cluster)'"
            : "deleted " + deleted.joined(separator: ", ")
    }
}
