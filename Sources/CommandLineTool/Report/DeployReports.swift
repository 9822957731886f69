import Deployment
import Forwards
import Images
import Sessions
import Verification
import Vocabulary
import Workloads

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
    var planned: [String] { (rewritten ?? []).map(\.text) }

    func text(_ style: TextStyle) -> String {
        var lines: [String] = images.map { image in
            "\(image.reference)" + (image.digest.map { "  \($0.short)" } ?? "")
        }
        lines += (locks ?? []).map(\.text)
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
        for problem in forwardProblems ?? [] {
            lines.append(style.red("✗ ") + problem.message)
            if let hint = problem.hint { lines.append("  hint: \(hint)") }
        }
        if let slowest, !slowest.isEmpty {
            let steps = slowest.map { "\($0.name) \(shortDuration($0.seconds))" }
            lines.append(style.dim("slowest: \(steps.joined(separator: ", "))"))
        }
        lines += (slower ?? []).map { step in
            style.yellow(
                "slower than usual: \(step.name) took \(shortDuration(step.seconds)), usually"
                    + " \(shortDuration(step.usual))")
        }
        return lines.joined(separator: "\n")
    }
}
