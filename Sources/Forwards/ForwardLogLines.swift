/// The end of a forward's log.
public struct ForwardLogLines: Codable, Sendable, Equatable {
    /// The forward.
    public var name: String
    /// The file; the one before is beside it, with `.1` after its name.
    public var path: String
    /// Its newest lines, oldest first.
    public var lines: [String]
}
