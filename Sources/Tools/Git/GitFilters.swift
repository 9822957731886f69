/// Programs that a project's own configuration makes git run over file contents.
///
/// `git status` runs `filter.NAME.clean` or `.process` over every file that may have changed.
/// Those that the user configured, such as Git LFS, stay.
enum GitFilters {
    /// Prints `SCOPE\0KEY\nVALUE\0` for each; exits 1 when there is none.
    static let query = [
        "config", "--null", "--show-scope", "--get-regexp", #"^filter\..*\.(clean|process)$"#,
    ]

    /// Settings that put the user's filters, or none, in place of the project's.
    ///
    /// A filter that is left out can only make a file look changed that is not.
    /// - Parameter text: what the query printed.
    /// - Returns: nil when a name cannot be told to git, since `-c` ends the name at the first `=`.
    static func settings(without text: String) -> [String]? {
        var own: [String: String] = [:]
        var projects: Set<String> = []
        let fields = text.split(separator: "\0", omittingEmptySubsequences: false)
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            let parts = fields[index + 1].split(
                separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts.first ?? "")
            if ["system", "global", "command"].contains(fields[index]) {
                own[key] = parts.count > 1 ? String(parts[1]) : ""
            } else {
                projects.insert(key)
            }
        }
        guard !projects.contains(where: { $0.contains("=") }) else { return nil }
        return projects.sorted().flatMap { key in
            let filter = key.prefix(upTo: key.lastIndex(of: ".") ?? key.endIndex)
            return ["\(key)=\(own[key] ?? "")", "\(filter).required=false"]
        }
    }
}
