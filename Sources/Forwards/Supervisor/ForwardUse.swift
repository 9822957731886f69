/// When a forward was last used and asked for, which decides what is kept running for it.
struct ForwardUse {
    private let idle: Duration
    private let hasProbe: Bool
    private var lastUse: ContinuousClock.Instant?
    /// When a command last asked for it.
    private var askedAt: ContinuousClock.Instant

    /// - Parameter idle: how long something is kept that nobody uses.
    init(idle: Duration, hasProbe: Bool, askedAt: ContinuousClock.Instant) {
        (self.idle, self.hasProbe, self.askedAt) = (idle, hasProbe, askedAt)
    }

    /// A client came, or sent or received something.
    mutating func noteUse(now: ContinuousClock.Instant) { lastUse = now }

    /// A command asks for it.
    mutating func noteRequest(now: ContinuousClock.Instant) { askedAt = now }

    /// When the cluster need not be watched for it any longer, unless it has clients.
    var watchEnd: ContinuousClock.Instant { max(lastUse ?? askedAt, askedAt) + idle }

    /// Whether the cluster has to be watched for it.
    func needsWatch(hasClients: Bool, now: ContinuousClock.Instant) -> Bool {
        hasClients || now < watchEnd
    }

    /// Whether it needs a kubectl.
    func needsKubectl(hasClients: Bool, now: ContinuousClock.Instant) -> Bool {
        if hasClients { return true }
        // Only through a kubectl can a program be asked whether it is well.
        return hasProbe ? now < watchEnd : lastUse.map { now < $0 + idle } ?? false
    }
}
