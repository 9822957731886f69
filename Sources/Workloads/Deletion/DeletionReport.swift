/// What a deletion did.
public struct DeletionReport: Codable, Sendable, Equatable {
    /// What is gone, as `namespace/shop` or `deployment/web`.
    public var deleted: [String]
    /// What was not there to begin with.
    public var absent: [String]
    /// Whose finalizers were taken out, with them: `configmap/a: example.com/hold`.
    public var stripped: [String]
    /// How long it took.
    public var seconds: Double
}
