/// How long to wait between two looks at something that is being deleted.
struct DeletionPace: Sendable {
    static let shortest: Duration = .seconds(1)
    static let longest: Duration = .seconds(10)

    private var last: Duration?

    /// The pause before the next look: 1 s, doubled up to 10 s as long as nothing changes.
    mutating func pause(hasProgress: Bool) -> Duration {
        let next =
            hasProgress
            ? DeletionPace.shortest
            : min(DeletionPace.longest, (last ?? DeletionPace.shortest / 2) * 2)
        last = next
        return next
    }
}
