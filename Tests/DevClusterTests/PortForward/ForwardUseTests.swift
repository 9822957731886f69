import Testing

@testable import Forwards

/// How long a forward keeps its kubectl and the watch of the cluster.
struct ForwardUseTests {
    private let start = ContinuousClock.now
    private let idle = Duration.seconds(600)

    private func use(hasProbe: Bool = false) -> ForwardUse {
        ForwardUse(idle: idle, hasProbe: hasProbe, askedAt: start)
    }

    @Test func `what was only asked for is watched for a while, and needs no kubectl`() {
        let use = use()
        #expect(use.needsWatch(hasClients: false, now: start))
        #expect(!use.needsKubectl(hasClients: false, now: start))
        #expect(use.watchEnd == start + idle)
        #expect(!use.needsWatch(hasClients: false, now: use.watchEnd))
    }

    @Test func `with a probe the kubectl is needed for as long as the watch`() {
        let use = use(hasProbe: true)
        #expect(use.needsKubectl(hasClients: false, now: start))
        #expect(!use.needsKubectl(hasClients: false, now: use.watchEnd))
    }

    @Test func `a client keeps both for as long as it stays, and for a while after that`() {
        var use = use()
        let later = start + idle * 3
        #expect(use.needsWatch(hasClients: true, now: later))
        #expect(use.needsKubectl(hasClients: true, now: later))
        use.noteUse(now: later)
        let end = later + idle
        #expect(use.needsKubectl(hasClients: false, now: end - .seconds(1)))
        #expect(!use.needsKubectl(hasClients: false, now: end))
        #expect(!use.needsWatch(hasClients: false, now: end))
    }

    @Test func `a request after the last use keeps the watch, and not the kubectl`() {
        var use = use()
        use.noteUse(now: start)
        use.noteRequest(now: start + idle)
        #expect(use.needsWatch(hasClients: false, now: start + idle))
        #expect(!use.needsKubectl(hasClients: false, now: start + idle))
    }
}
