import Diagnosis

extension DoctorReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = findings.flatMap { finding -> [String] in
            let mark =
                switch finding.severity {
                case .ok: style.green("✓")
                case .info: style.dim("·")
                case .warning: style.yellow("!")
                case .error: style.red("✗")
                }
            let line = "\(mark) \(finding.subject): \(finding.evidence)"
            guard let remedy = finding.remedy else { return [line] }
            return [line, "    → \(remedy)"]
        }
        lines += fixed.map { "\(style.green("done")) \($0)" }
        let wrong = findings.count { [.warning, .error].contains($0.severity) }
        lines.append(
            wrong == 0
                ? "nothing is wrong" : "\(wrong) of \(findings.count) looks found something wrong")
        if wrong > 0, findings.contains(where: { $0.fix != nil }) {
            lines.append("'devcluster doctor --fix' mends what can be mended safely")
        }
        return lines.joined(separator: "\n")
    }
}
