import ChildProcess
import Forwards
import Vocabulary

/// The forwards, for `pf start` and `pf list`.
struct ForwardsReport: Report {
    /// A forward with the cluster it belongs to.
    struct Row: Encodable, Sendable {
        var cluster: String
        var status: ForwardStatus
    }

    var forwards: [Row]

    func text(_ style: TextStyle) -> String {
        guard !forwards.isEmpty else { return "no forwards" }
        let table = TextTable(
            [
                "NAME", "CLUSTER", "TARGET", "URL", "STATE", "AGE", "RESTARTS", "CONNECTIONS",
                "BYTES",
            ],
            forwards.map { row in
                let forward = row.status.forward
                return [
                    forward.name, row.cluster,
                    "\(forward.namespace)/\(forward.target):\(forward.targetPort)", forward.url,
                    row.status.state.rawValue, shortDuration(row.status.age),
                    "\(forward.restarts)", "\(forward.connections)",
                    byteCount(forward.bytesSent.adding(forward.bytesReceived)),
                ]
            }
        )
        let problems = forwards.compactMap(\.problem).map(style.dim)
        return ([table.text] + problems).joined(separator: "\n")
    }
}

extension ForwardsReport.Row {
    /// Why it is not usable; nil when it is.
    fileprivate var problem: String? {
        switch status.state {
        case .waiting, .failed, .starting:
            status.forward.lastError.map { "\(status.forward.name): \($0)" }
        case .dead:
            "\(status.forward.name): its supervisor is gone;"
                + " 'devcluster pf start' or 'restart' brings it back"
        case .running, .planned: nil
        }
    }
}

extension ForwardsReport {
    /// The forwards of one cluster.
    init(cluster: String, statuses: [ForwardStatus]) {
        forwards = statuses.map { Row(cluster: cluster, status: $0) }
    }
}

/// The logs of forwards, for `pf logs`.
struct ForwardLogsReport: Report {
    var logs: [ForwardLogLines]

    func text(_ style: TextStyle) -> String {
        guard !logs.isEmpty else { return "no forwards" }
        return logs.map { log in
            (["\(log.name)  \(log.path)"] + log.lines.map { "  \($0)" }).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

extension ForwardSyncReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines: [String] = []
        if !started.isEmpty { lines.append("started " + started.joined(separator: ", ")) }
        if !ended.isEmpty { lines.append("ended " + ended.joined(separator: ", ")) }
        lines += problems.map { style.red("✗ ") + $0 }
        return lines.isEmpty
            ? "nothing had to be changed: \(counted(forwards.count, "forward"))"
            : lines.joined(separator: "\n")
    }
}

/// What `pf stop` ended.
struct ForwardsStopped: Report {
    var ended: [String]

    func text(_ style: TextStyle) -> String {
        ended.isEmpty ? "no forwards were running" : "ended " + ended.joined(separator: ", ")
    }
}

extension ForwardCleanup: Report {
    func text(_ style: TextStyle) -> String {
        var lines = [
            ended.isEmpty ? "no forwards of ours" : "ended " + ended.joined(separator: ", ")
        ]
        if !foreign.isEmpty {
            lines.append(
                endedForeign
                    ? "ended also, started by others:"
                    : "left alone, started by others (end them with --foreign):")
            lines += foreign.map { "  \($0.process.pid)  \($0.user)  \($0.command)" }
        }
        return lines.joined(separator: "\n")
    }
}
