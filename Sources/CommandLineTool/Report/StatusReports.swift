import Diagnosis
import Forwards
import Registries
import Vocabulary

extension StatusReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = ["\(style.bold(cluster))  context \(context), namespace \(namespace)"]
        lines.append("nodes     " + nodes.map { text($0, style) }.joined(separator: ", "))
        lines.append("registry  \(registry)")
        lines += storage.map { ["images    " + text($0)] } ?? []
        lines += forwards.map { status in
            "forward   \(status.forward.name)  \(status.forward.url)  \(status.state.rawValue)"
        }
        lines += pendingLoadBalancers.map {
            "pending   \($0) is a LoadBalancer without an address: reach it with a forward"
        }
        lines.append("")
        lines.append(components.isEmpty ? withoutComponents : table.text)
        if !problems.isEmpty { lines.append("") }
        return (lines + problems.map { "\(style.red("✗")) \($0)" }).joined(separator: "\n")
    }

    private var withoutComponents: String {
        let seen = namespaces ?? [namespace]
        return seen.isEmpty
            ? "what runs is not known" : "nothing runs in namespace " + seen.joined(separator: ", ")
    }

    private func text(_ node: Node, _ style: TextStyle) -> String {
        let state = node.state == "ready" ? node.state : style.red(node.state)
        return "\(node.name) \(state)" + (node.version.map { " (\($0))" } ?? "")
    }

    private func text(_ figures: StorageFigures) -> String {
        let nodes = figures.nodes.sorted { $0.key < $1.key }
        let parts =
            [("registry", figures.registry)] + (figures.engine.map { [("engine", $0)] } ?? [])
            + nodes
        return parts.map { "\($0.0) \(counted($0.1.tags, "tag")), \(byteCount($0.1.bytes))" }
            .joined(separator: "; ")
    }

    private var table: TextTable {
        TextTable(
            ["COMPONENT", "READY", "RESTARTS", "IMAGES"],
            components.map {
                [$0.name, "\($0.ready)/\($0.desired)", "\($0.restarts)", verdicts($0)]
            })
    }

    private func verdicts(_ component: ComponentStatus) -> String {
        let parts = [
            (component.fresh, "fresh"), (component.stale, "stale"),
            (component.undecided, "not known"),
        ]
        let words = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
