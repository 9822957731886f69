import Registries
import SystemLibraries
import Verification
import Vocabulary

extension VerificationReport: Report {
    func text(_ style: TextStyle) -> String {
        guard !containers.isEmpty else { return "there are no pods here, so nothing was judged" }
        return ((fix?.lines ?? []) + [table(style)] + [""] + reasons(style) + [summary(style)])
            .joined(separator: "\n")
    }

    private func table(_ style: TextStyle) -> String {
        let table = TextTable(
            ["POD", "CONTAINER", "IMAGE", "RUNS", "SERVED", "VERDICT"],
            zip(containers, pods).map { item, pod in
                [
                    pod, item.subject.container, item.subject.image,
                    item.running?.short ?? "-", item.served?.short ?? "-", verdict(item),
                ]
            })
        var lines = table.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        for (index, item) in containers.enumerated() where index + 1 < lines.count {
            switch item.verdict {
            case .stale: lines[index + 1] = style.red(lines[index + 1])
            case .unknown: lines[index + 1] = style.yellow(lines[index + 1])
            case .notOurs, .notJudged: lines[index + 1] = style.dim(lines[index + 1])
            default: break
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The pods of the containers, with their namespaces where there are several.
    private var pods: [String] {
        let several = Set(containers.map(\.subject.namespace)).count > 1
        return containers.map { (several ? $0.subject.namespace + "/" : "") + $0.subject.pod }
    }

    private func verdict(_ item: JudgedContainer) -> String {
        let reason = item.verdict == .notJudged ? item.reason : nil
        return item.verdict.text + (reason.map { " (\($0))" } ?? "")
    }

    /// What is stale or undecided, containers of one reason together.
    private func reasons(_ style: TextStyle) -> [String] {
        var order: [Explanation] = []
        var names: [Explanation: [String]] = [:]
        for (item, pod) in zip(containers, pods) {
            guard let explanation = Explanation(item) else { continue }
            if names[explanation] == nil { order.append(explanation) }
            names[explanation, default: []].append("\(pod)/\(item.subject.container)")
        }
        return order.map { $0.text(names[$0] ?? []) }
    }

    /// Why containers are stale or undecided, and what they run.
    private struct Explanation: Hashable {
        var verdict: ImageVerdict
        var reason: String
        var running: String?
        var served: String?

        init?(_ item: JudgedContainer) {
            guard [.stale, .unknown].contains(item.verdict), let reason = item.reason else {
                return nil
            }
            verdict = item.verdict
            self.reason = reason
            let origin = item.origin?.text
            if item.verdict == .stale {
                served = item.served?.description ?? "-"
                running = (item.running?.description ?? "-") + (origin.map { "  \($0)" } ?? "")
            } else {
                running = origin
            }
        }

        func text(_ names: [String]) -> String {
            var lines = ["\(verdict.text): \(names.joined(separator: ", ")): \(reason)"]
            if let running { lines.append("  runs    \(running)") }
            if let served { lines.append("  served  \(served)") }
            return lines.joined(separator: "\n")
        }
    }

    private func summary(_ style: TextStyle) -> String {
        let fresh = containers.count { $0.verdict.isFresh }
        switch exitCode {
        case 0:
            return style.green("✓ \(counted(fresh, "container")) running what the registry serves")
        case 2:
            return style.red("✗ \(count(.stale)) stale, \(fresh) fresh") + remedy
        default:
            return style.yellow(
                fresh + count(.unknown) == 0
                    ? "? no container runs an image of ours, so nothing was judged"
                    : "? \(count(.unknown)) not decided, \(fresh) fresh")
        }
    }

    /// What to do about what is stale; nothing where `--fix` was tried.
    private var remedy: String {
        guard fix == nil else { return "" }
        if containers.contains(where: { $0.isMendable == true }) {
            return "; mend it with 'devcluster verify-image --fix'"
        }
        guard containers.contains(where: { $0.cause == .overwritten }) else { return "" }
        return "; 'devcluster deploy' pushes it under a new tag: find out what else pushes there"
    }
}

extension ImageOrigin {
    /// As people read it: `dev-…, commit 0f3c9a1b2c3d with changes, built 2026-11-20T10:11:12Z`.
    fileprivate var text: String {
        var parts: [String] = []
        if let tag { parts.append(tag) }
        if let commit {
            parts.append("commit \(commit.prefix(12))" + (isDirty == true ? " with changes" : ""))
        }
        if let builtAt { parts.append("built \(builtAt.formatted(.iso8601))") }
        return parts.joined(separator: ", ")
    }
}

extension ImageFixReport {
    /// What was done, a line each.
    fileprivate var lines: [String] {
        var lines = unpinned.map { "unpinned \($0)" }
        lines += restored.map { "restored \($0)" }
        lines += removed.filter { $0.outcome == .removed }.map {
            "removed \($0.reference) from \($0.node)"
        }
        lines += replaced.map { "replaced the pods of \($0)" }
        lines += left.map { "left \($0.container): \($0.reason)" }
        return lines.isEmpty ? [] : lines + [""]
    }
}
