import Deployment
import Sessions
import SystemLibraries
import Verification
import Vocabulary

extension DeployHistoryReport: Report {
    func text(_ style: TextStyle) -> String {
        guard !deploys.isEmpty else { return "no deploy to namespace \(namespace) is recorded" }
        let table = TextTable(
            ["N", "ENDED", "RESULT", "TOOK", "IMAGES"],
            deploys.map { deploy in
                [
                    "\(deploy.number)", deploy.record.time.formatted(.iso8601),
                    deploy.record.result, shortDuration(deploy.record.seconds),
                    deploy.record.images.map(\.text).joined(separator: ", "),
                ]
            })
        var lines = table.text.split(separator: "\n").map(String.init)
        for (index, deploy) in deploys.enumerated() where index + 1 < lines.count {
            if deploy.record.exitCode != 0 { lines[index + 1] = style.red(lines[index + 1]) }
        }
        return lines.joined(separator: "\n")
    }
}

extension DeployHistoryReport.Deploy: Report {
    private var places: String {
        let others = (record.namespaces ?? []).filter { $0 != record.namespace }
        return others.isEmpty
            ? "namespace \(record.namespace)"
            : "namespaces \(([record.namespace] + others).joined(separator: ", "))"
    }

    func text(_ style: TextStyle) -> String {
        var lines = [
            "deploy \(number) to \(places): \(record.result),"
                + " \(record.time.formatted(.iso8601)), took \(shortDuration(record.seconds))"
        ]
        if let repeated = record.repeats {
            lines.append("repeats the deploy of \(repeated.formatted(.iso8601))")
        }
        if let error = record.error { lines.append(style.red("error: \(error)")) }
        lines += record.images.map {
            "\($0.name):\($0.tag)  \($0.digest?.description ?? "digest not known")"
        }
        if let verdicts = record.verdicts, !verdicts.isEmpty {
            let counts = verdicts.sorted { $0.key < $1.key }.map {
                "\($0.value) \(ImageVerdict(rawValue: $0.key)?.text ?? $0.key)"
            }
            lines.append("containers: \(counts.joined(separator: ", "))")
        }
        guard !record.steps.isEmpty else { return lines.joined(separator: "\n") }
        let steps = TextTable(
            ["STEP", "TOOK"], record.steps.map { [$0.name, shortDuration($0.seconds)] })
        return (lines + ["", steps.text]).joined(separator: "\n")
    }
}

extension DeployRecord.Image {
    /// Tag and short digest.
    fileprivate var text: String { "\(name):\(tag)" + (digest.map { " (\($0.short))" } ?? "") }
}

extension DeployRecord {
    /// How it ended, in a word or two.
    fileprivate var result: String {
        let result =
            switch exitCode {
            case 0: "proven"
            case 2: "stale"
            case 3: "not decided"
            case 129, 130, 143: "interrupted"
            case _ where isProven: "proven, but a forward is missing"
            default: "failed"
            }
        return repeats == nil ? result : "\(result) rollback"
    }
}

extension RestartReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = workloads.map { item in
            "\(item.workload)  \(item.state)  \(counted(item.replaced.count, "pod")) replaced"
        }
        guard let verification else { return lines.joined(separator: "\n") }
        if exitCode != 0 {
            lines.append(verification.text(style))
        } else {
            let fresh = verification.containers.count { $0.verdict.isFresh }
            lines.append(
                style.green("✓ every pod is new")
                    + (fresh > 0
                        ? style.green(
                            ", \(counted(fresh, "container")) running what the registry serves")
                        : "; no image of ours among them"))
        }
        return lines.joined(separator: "\n")
    }
}
