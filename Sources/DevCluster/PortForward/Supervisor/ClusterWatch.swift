import ChildProcess

/// Keeps a view of the cluster up to date: one kubectl that follows the pods, and now and then one
/// that reads everything.
///
/// The watch alone would miss what happened while it was down, and knows no Services; reading
/// alone would tell of a deleted pod too late, or cost a kubectl (50 ms of CPU) ten times a second.
final class ClusterWatch {
    private let kubectl: SupervisedKubectl
    private let timing: ForwardTiming

    private var known = ClusterView()
    private var isFresh = false
    /// Why the cluster could not be read last; nil when it could.
    private var problem: String?

    private var watch: PipedChild?
    private var watchRest = ""
    private var hasWatched = false
    private var watching = BackOff()

    private var reader: PipedChild?
    private var readerText = ""
    private var readerEnd: ContinuousClock.Instant?
    private var reading = BackOff()
    /// Looks for what was not there when it was read last.
    private var looking = BackOff()
    private var lastRead: ContinuousClock.Instant?
    private var wantsReading = false

    init(_ kubectl: SupervisedKubectl, timing: ForwardTiming) {
        self.kubectl = kubectl
        self.timing = timing
    }

    /// What is known; nil when it is too old to act by.
    var view: ClusterView? { isFresh ? known : nil }
    /// Why the cluster does not answer just now; nil when it does.
    var outage: String? { watching.next != nil || reading.next != nil ? problem : nil }
    /// Descriptors to poll.
    var descriptors: [Int32] { [watch, reader].compactMap { $0?.descriptor } }

    /// Takes in what the kubectls say.
    func readOutput(now: ContinuousClock.Instant) {
        if let watch { readWatch(watch, now: now) }
        if let reader { readAnswer(reader, now: now) }
    }

    private func readWatch(_ child: PipedChild, now: ContinuousClock.Instant) {
        watchRest += String(decoding: child.read(), as: UTF8.self)
        var lines = watchRest.split(separator: "\n", omittingEmptySubsequences: false)
        watchRest = String(lines.removeLast().suffix(1 << 20))
        for line in lines {
            if let item = KubectlWatch.item(line) {
                known.note(item)
                if !hasWatched { startReading(now: now) }
                hasWatched = true
                watching.reset()
            } else if !line.isEmpty, !line.hasPrefix("Warning:") {
                problem = ShownText.line(String(line))
            }
        }
        if child.hasEnded {
            watch = nil
            watchRest = ""
            watching.fail(timing, now: now)
        }
    }

    private func readAnswer(_ child: PipedChild, now: ContinuousClock.Instant) {
        readerText += String(decoding: child.read(), as: UTF8.self)
        guard child.hasEnded else { return }
        let lines = readerText.split(separator: "\n").filter { !$0.hasPrefix("Warning:") }
        let items = lines.compactMap { KubectlWatch.item($0) }
        (reader, readerText) = (nil, "")
        // kubectl prints what it could read of several types, and complains of the others.
        let complaint = lines.first { KubectlWatch.item($0) == nil && $0 != KubectlWatch.end }
        if lines.last.map({ $0 == KubectlWatch.end }) == true, complaint == nil {
            known.endReading(items)
            (isFresh, problem, lastRead) = (true, nil, now)
            reading.reset()
        } else {
            problem = complaint.map { ShownText.line(String($0)) } ?? "kubectl was cut short"
            reading.fail(timing, now: now)
        }
    }

    /// Starts and ends what is needed.
    ///
    /// - Parameter isNeeded: whether any forward may need to know.
    /// - Parameter isLost: whether a forward could work if more were known.
    /// - Parameter isHeld: whether a client waits.
    func step(isNeeded: Bool, isLost: Bool, isHeld: Bool, now: ContinuousClock.Instant) {
        guard isNeeded else { return stop() }
        if watch == nil, watching.isDue(timing, isHeld: isHeld, now: now) {
            startWatching(now: now)
        }
        if let end = readerEnd, reader != nil, now >= end {
            reader?.kill()
            (reader, readerText, problem) = (nil, "", "the cluster does not answer")
            reading.fail(timing, now: now)
        }
        if !isLost { looking.reset() }
        guard hasWatched else { return }
        if wantsReading { return startReading(now: now) }
        guard reader == nil else { return }
        if let time = readTime(isLost: isLost, isHeld: isHeld), time <= now {
            if isLost { looking.fail(timing, now: now) }
            startReading(now: now)
        }
    }

    /// When the cluster is to be read next.
    private func readTime(isLost: Bool, isHeld: Bool) -> ContinuousClock.Instant? {
        if let due = reading.dueTime(timing, isHeld: isHeld) { return due }
        guard let lastRead else { return nil }
        guard isLost else { return lastRead + timing.refresh }
        return looking.dueTime(timing, isHeld: isHeld) ?? lastRead
    }

    /// When there is next something to do without a message.
    func nextTime(isNeeded: Bool, isLost: Bool, isHeld: Bool) -> ContinuousClock.Instant? {
        guard isNeeded else { return nil }
        var times: [ContinuousClock.Instant] = []
        if watch == nil, let due = watching.dueTime(timing, isHeld: isHeld) { times.append(due) }
        if reader != nil, let readerEnd { times.append(readerEnd) }
        if reader == nil, hasWatched, let time = readTime(isLost: isLost, isHeld: isHeld) {
            times.append(time)
        }
        return times.min()
    }

    private func startWatching(now: ContinuousClock.Instant) {
        hasWatched = false
        do {
            watch = try kubectl.spawn(kubectl.arguments(KubectlWatch.watch))
        } catch {
            problem = "\(error)"
            watching.fail(timing, now: now)
        }
    }

    private func startReading(now: ContinuousClock.Instant) {
        reader?.kill()
        (readerText, wantsReading) = ("", false)
        known.beginReading()
        do {
            reader = try kubectl.spawn(kubectl.arguments(KubectlWatch.list))
            readerEnd = now + .seconds(20)
        } catch {
            problem = "\(error)"
            reading.fail(timing, now: now)
        }
    }

    /// Reads again at once.
    ///
    /// - Returns: the reading that will know what is so now.
    func readAgain() -> Int {
        reading.reset()
        looking.reset()
        wantsReading = true
        return known.reading + 1
    }

    /// Ends the kubectls; what is known is too old from now on.
    func stop() {
        watch?.kill()
        reader?.kill()
        (watch, reader, watchRest, readerText) = (nil, nil, "", "")
        (isFresh, hasWatched, lastRead) = (false, false, nil)
    }
}
