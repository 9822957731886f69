extension Invocation.Input: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// How much there is, never what.
    public var description: String {
        switch self {
        case .none: "none"
        case .bytes(let data), .partlySecret(let data, _, _, _): "\(data.count) bytes"
        case .secret: "<redacted>"
        }
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Nothing, so that `dump` and a failed test's report show no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
