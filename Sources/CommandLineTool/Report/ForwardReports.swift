import ChildProcess
import DevCluster

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
        return TextTable(
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
                    byteCount(forward.bytesSent + forward.bytesReceived),
                ]
            }
        ).text
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
