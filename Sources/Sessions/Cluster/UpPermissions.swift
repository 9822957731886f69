import Vocabulary

/// What the user lets `up` do beyond repairing what is its own.
public struct UpPermissions: Sendable {
    /// Whether a damaged or different cluster may be deleted and made anew.
    public var recreates: Bool
    /// Whether a container of others that has the registry's name may be removed.
    public var replacesForeign: Bool
    /// Asks before something that others notice; throws unless the user agrees.
    public var confirm: @Sendable (String) throws -> Void

    /// By default nothing is allowed, and nobody can be asked.
    public init(
        recreates: Bool = false, replacesForeign: Bool = false,
        confirm: @escaping @Sendable (String) throws -> Void = UpPermissions.refuse
    ) {
        self.recreates = recreates
        self.replacesForeign = replacesForeign
        self.confirm = confirm
    }

    /// Answers every question with no.
    public static let refuse: @Sendable (String) throws -> Void = { question in
        throw DevClusterError(.failed, "this needs a yes: \(question)", hint: "say it with --yes")
    }
}
