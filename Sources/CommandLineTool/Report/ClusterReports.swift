import Clusters

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
        guard !drift.isEmpty else { return lines.joined(separator: "\n") }
        lines.append("The cluster was not made with what the configuration states:")
        for difference in drift {
            lines.append("  \(difference.field)")
            lines.append("    - \(difference.found)  (the cluster)")
            lines.append("    + \(difference.wanted)  (the configuration)")
        }
        lines.append("'devcluster up --recreate' makes it anew; what runs in it is lost then.")
        return lines.joined(separator: "\n")
    }
}

extension StopReport: Report {
    func text(_ style: TextStyle) -> String {
        let done =
            stopped.isEmpty
            ? "nothing to stop in '\(cluster)'" : "stopped \(stopped.joined(separator: ", "))"
        let shared =
            sharedWith.isEmpty
            ? ""
            : "\nthe registry goes on: \(sharedWith.joined(separator: ", ")) "
                + (sharedWith.count == 1 ? "uses it" : "use it")
        return done + shared + "\n'devcluster up' resumes it"
    }
}

extension DownReport: Report {
    func text(_ style: TextStyle) -> String {
        deleted.isEmpty
            ? "nothing to delete: there is no cluster '\(cluster)'"
            : "deleted " + deleted.joined(separator: ", ") + (kept.map { "; \($0)" } ?? "")
    }
}

extension ExistingClusterReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = [
            problems.isEmpty
                ? "\(context) is an existing cluster, and all is right; nothing was changed"
                : "\(context) is an existing cluster; nothing was changed"
        ]
        lines.append("  server    \(server)")
        if let version { lines.append("  version   \(version)") }
        lines.append("  registry  \(registry)")
        return (lines + problems.map { "\(style.red("✗")) \($0)" }).joined(separator: "\n")
    }
}
