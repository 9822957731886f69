/// Everything that decides what `up` does with a cluster in which not all is right.
///
/// `docs/states.md` holds the table of all states; a test walks through every one of them.
struct ClusterState: Sendable, Hashable {
    /// What we remember of it.
    enum Record: String, Sendable, CaseIterable {
        /// Nothing: it was never made here, or the state folder was lost.
        case none
        /// kind was started and did not finish, as far as we know.
        case creating
        /// It was made.
        case made
    }

    /// Which of its nodes there are, running or not.
    enum Nodes: String, Sendable, CaseIterable {
        case none
        /// One that we remember is gone, or is another container than it was.
        case some
        case all
    }

    /// What we remember of it.
    var record: Record
    /// Which of its nodes there are.
    var nodes: Nodes
    /// Whether devcluster made it.
    var isOurs: Bool
    /// Whether the other engine has a cluster of this name.
    var isElsewhere: Bool
}

/// What `up` does with a cluster; the last column of the table in `docs/states.md`.
enum ClusterOutcome: String, Sendable, CaseIterable {
    /// Make it.
    case create
    /// Start, reconnect, restore what is not right; everything in it stays.
    case mend
    /// Delete it and make it anew: it never became ready, or the user said `--recreate`.
    case replace
    /// Nothing: only `--recreate` can help, and what is in it would be lost.
    case offer
    /// Nothing: it was made by somebody else.
    case refuse
    /// Nothing: the other engine has a cluster of this name, and both would share a context.
    case refuseElsewhere = "refuse (engine)"

    /// Decides for any state; looks at nothing else.
    ///
    /// - Parameter recreates: whether the user said `--recreate`.
    static func decide(_ state: ClusterState, recreates: Bool = false) -> ClusterOutcome {
        guard state.nodes != .none else { return state.isElsewhere ? .refuseElsewhere : .create }
        guard state.isOurs else { return .refuse }
        guard state.record != .creating && !recreates else { return .replace }
        return state.nodes == .all ? .mend : .offer
    }
}
