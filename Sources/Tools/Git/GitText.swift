/// What git prints, in its own language (`LC_ALL=C`).
enum GitText {
    static let fatal = ToolText("fatal: ", .unknown)
    /// Without the bracket it is said of a worktree or submodule whose repository is gone.
    static let noRepository = ToolText("fatal: not a git repository (or any ", .unknown)
    /// `(or any of the parent directories)`, unlike `(or any parent up to mount point …)`.
    static let lookedAbove = ToolText("parent directories", .unknown)
    static let untrusted = ToolText("git config --global --add safe.directory ", .unknown)

    static let all = [fatal, noRepository, lookedAbove, untrusted]
}
