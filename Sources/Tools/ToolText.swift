/// Words of another program by which something is told, because no code and no field tells it.
///
/// They stand in one table a program, so that a new version of it can be held against them.
package struct ToolText: Sendable {
    /// How it is known that the program says so.
    package enum Proof: Sendable {
        /// A file of `Tests/DevClusterTests/Fixtures` that holds the words.
        case recording(String)
        /// Said by these versions when they were run, and kept in no file.
        case run(String)
        /// Read in this program's source.
        case source(String)
        /// Nobody wrote down where it is from.
        case unknown
    }

    /// What is looked for.
    package let words: String
    /// The first version that is known to say it; nil where that is not known.
    package let since: String?
    /// The last version that says it; nil while none is known that does not.
    package let until: String?
    package let proof: Proof

    init(_ words: String, since: String? = nil, until: String? = nil, _ proof: Proof) {
        self.words = words
        self.since = since
        self.until = until
        self.proof = proof
    }

    /// Whether they are in what was said.
    ///
    /// Compared byte by byte: by characters, a long row of them that might belong together, such as
    /// flags, takes time that grows with the square of its length.
    package func isIn(_ said: some StringProtocol) -> Bool {
        said.utf8.firstRange(of: words.utf8) != nil
    }

    /// Whether what was said begins with them.
    package func begins(_ said: some StringProtocol) -> Bool { said.hasPrefix(words) }

    /// What follows them, wherever they stand; nil where they do not.
    package func following(in said: String) -> Substring? {
        said.utf8.firstRange(of: words.utf8).map { said[$0.upperBound...] }
    }

    /// What follows them, where what was said begins with them.
    func rest(of said: some StringProtocol) -> String? {
        begins(said) ? String(said.dropFirst(words.count)) : nil
    }

    /// The texts of all programs.
    package static let all =
        KubectlText.all + KubeletText.all + SchedulerText.all + ContainerdText.all
        + EngineText.all + KindText.all + GitText.all + HelmText.all + RegistryText.all
        + NodeText.all
}

extension Collection<ToolText> {
    /// Whether one of them is in what was said.
    package func areIn(_ said: some StringProtocol) -> Bool { contains { $0.isIn(said) } }
}
