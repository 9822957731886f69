import DevCluster

/// What `build` made.
struct BuildReport: Report {
    var images: [BuiltImage]

    func text(_ style: TextStyle) -> String {
        TextTable(
            ["IMAGE", "REFERENCE", "DIGEST", "BUILD", "PUSH"],
            images.map { image in
                [
                    image.name, image.reference, image.digest?.short ?? "-",
                    shortDuration(image.buildSeconds), shortDuration(image.pushSeconds),
                ]
            }
        ).text
    }
}

extension DeployReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines: [String] = images.map { image in
            "\(image.reference)" + (image.digest.map { "  \($0.short)" } ?? "")
        }
        lines += rollouts.map { "\($0.workload)  \($0.state)  \(shortDuration($0.seconds))" }
        if let verification {
            if verification.exitCode == 0 {
                let count = verification.containers.count { $0.verdict.isFresh }
                lines.append(
                    style.green("✓ \(counted(count, "container")) running exactly what was built"))
            } else {
                lines.append(verification.text(style))
            }
        }
        lines += forwards.map { "\($0.forward.name)  \($0.forward.url)" }
        return lines.joined(separator: "\n")
    }
}

extension VerificationReport: Report {
    func text(_ style: TextStyle) -> String {
        guard !containers.isEmpty else { return "there are no pods here, so nothing was judged" }
        let several = Set(containers.map(\.subject.namespace)).count > 1
        let table = TextTable(
            ["POD", "CONTAINER", "IMAGE", "RUNS", "SERVED", "VERDICT"],
            containers.map { item in
                let pod = (several ? item.subject.namespace + "/" : "") + item.subject.pod
                return [
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
        return (lines + [""] + reasons(style) + [summary(style)]).joined(separator: "\n")
    }

    private func verdict(_ item: JudgedContainer) -> String {
        let reason = item.verdict == .notJudged ? item.reason : nil
        return item.verdict.text + (reason.map { " (\($0))" } ?? "")
    }

    private func reasons(_ style: TextStyle) -> [String] {
        containers.compactMap { item in
            guard [.stale, .unknown].contains(item.verdict), let reason = item.reason else {
                return nil
            }
            let name = "\(item.subject.pod)/\(item.subject.container)"
            var lines = ["\(item.verdict.text): \(name): \(reason)"]
            if item.verdict == .stale {
                lines.append("  runs    \(item.running?.description ?? "-")")
                lines.append("  served  \(item.served?.description ?? "-")")
            }
            return lines.joined(separator: "\n")
        }
    }

    private func summary(_ style: TextStyle) -> String {
        let fresh = containers.count { $0.verdict.isFresh }
        switch exitCode {
        case 0:
            return style.green("✓ \(counted(fresh, "container")) running what the registry serves")
        case 2: return style.red("✗ \(count(.stale)) stale, \(fresh) fresh")
        default:
            return style.yellow(
                fresh + count(.unknown) == 0
                    ? "? no container runs an image of ours, so nothing was judged"
                    : "? \(count(.unknown)) not decided, \(fresh) fresh")
        }
    }
}
