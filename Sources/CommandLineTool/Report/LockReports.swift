import Vocabulary
import Workloads

extension LockListReport: Report {
    func text(_ style: TextStyle) -> String {
        guard !locks.isEmpty else { return "no workload in namespace \(namespace) has a lock" }
        let table = TextTable(
            ["WORKLOAD", "DATABASE", "SHARED", "STATE"],
            locks.map { lock in
                [
                    lock.workload, lock.database ?? "-",
                    lock.storage.isEmpty ? "-" : lock.storage.joined(separator: ", "),
                    lock.state.text,
                ]
            })
        var lines = table.text.split(separator: "\n").map(String.init)
        for (index, lock) in locks.enumerated() where index + 1 < lines.count {
            switch lock.state {
            case .blocked, .interrupted: lines[index + 1] = style.red(lines[index + 1])
            case .wouldBlock: lines[index + 1] = style.yellow(lines[index + 1])
            case .mayBlock: break
            case .safe: lines[index + 1] = style.dim(lines[index + 1])
            }
        }
        lines.append("")
        lines += locks.map { lock in
            "\(lock.workload): \(lock.reason)" + (lock.advice.map { "; \($0)" } ?? "")
        }
        if exitCode != 0 { lines.append("clear it with 'devcluster locks clear'") }
        return lines.joined(separator: "\n")
    }
}

extension LockClearReport: Report {
    func text(_ style: TextStyle) -> String {
        guard !cleared.isEmpty else { return "nothing is blocked by a lock" }
        let lines = cleared.map(\.text)
        return
            (lines
            + rollouts.map { "\($0.workload)  \($0.state)  \(shortDuration($0.seconds))" })
            .joined(separator: "\n")
    }
}

extension ClearedLock {
    /// A line of it.
    var text: String {
        "\(workload): lock cleared (\(reason)), \(counted(replicas, "replica")) again"
    }
}

extension LockFinding.State {
    /// As people read it.
    fileprivate var text: String {
        switch self {
        case .blocked: "blocked"
        case .wouldBlock: "would block"
        case .mayBlock: "may block"
        case .interrupted: "stopped"
        case .safe: "safe"
        }
    }
}
