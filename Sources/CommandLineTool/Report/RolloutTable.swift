import Sessions

/// The workloads that are not complete yet, as lines below the step that waits for them.
///
/// - Parameter limit: lines shown; a table longer than the screen could not be drawn again.
func rolloutTable(_ rollouts: [RolloutProgress], limit: Int = 12) -> [String] {
    guard (rollouts.first?.count ?? 1) > 1 else { return [] }
    let open = rollouts.filter { $0.state != .complete }
    let width = open.map(\.workload.count).max() ?? 0
    var lines = open.prefix(limit).map { progress in
        let name = progress.workload
        let mark = progress.state == .waiting ? " " : "!"
        let message = progress.message.map { ": \($0)" } ?? ""
        return "  \(mark) \(name)"
            + String(repeating: " ", count: width - name.count + 2) + progress.detail + message
    }
    if open.count > limit { lines.append("    … and \(open.count - limit) more") }
    return lines
}

extension [RolloutProgress] {
    /// Replaces what was known of a workload.
    mutating func update(with progress: RolloutProgress) {
        if let index = firstIndex(where: { $0.workload == progress.workload }) {
            self[index] = progress
        } else {
            append(progress)
        }
    }
}

/// A line of `--json` about a workload: its progress with a `type`.
struct RolloutLine: Encodable {
    var progress: RolloutProgress

    private enum CodingKeys: String, CodingKey { case type }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("rollout", forKey: .type)
        try progress.encode(to: encoder)
    }
}
