import Workloads

extension DeletionReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = stripped.map { style.yellow("took the finalizers out of \($0)") }
        lines += absent.map { "\($0) was not there" }
        if deleted.count > 5 {
            lines.append("\(deleted.count) objects are gone (\(shortDuration(seconds)))")
        } else if !deleted.isEmpty {
            lines.append(
                "\(deleted.joined(separator: ", ")) \(deleted.count == 1 ? "is" : "are") gone"
                    + " (\(shortDuration(seconds)))")
        }
        return lines.joined(separator: "\n")
    }
}
