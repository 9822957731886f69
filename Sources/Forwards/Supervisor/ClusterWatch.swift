import ChildProcess
import Tools
import Vocabulary

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
    private var watchLines = LineReader(limit: ClusterWatch.lineLimit)
    /// Bytes that the watch printed and that were no object, since the last that was one.
    private var watchNoise = 0
    private var hasWatched = false
    private var watching = BackOff()

    private var reader: PipedChild?
    private var answer = ClusterAnswer()
    private var readerEnd: ContinuousClock.Instant?
    private var reading = BackOff()
    /// Looks for what was not there when it was read last.
    private var looking = BackOff()
    private var lastRead: ContinuousClock.Instant?
    private var wantsReading = false

    /// Bytes of a line that count: of an object 300, and an annotation of 256 KiB at most.
    static let lineLimit = 1 << 20
    /// Bytes that a kubectl may print without telling anything.
    private static let noiseLimit = 1 << 20

    init(_ kubectl: SupervisedKubectl, timing: ForwardTiming) {
        self.kubectl = kubectl
        self.timing = timing
    }

    /// What is known; nil when it is too old to act by.
    var view: ClusterView? { isFresh ? known : nil }
    /// Why the cluster does not answer just now; nil when it does.
    var outage: String? { watching.next != nil || reading.next != nil ? problem : nil }
    /// Descriptors to poll.
    var descriptors: [Int32] { [watch, reader].flatMap { $0?.descriptors ?? [] } }

    /// Takes in what the kubectls say.
    func readOutput(now: ContinuousClock.Instant) {
        if let watch { readWatch(watch, now: now) }
        if let reader { readAnswer(reader, now: now) }
    }

    private func readWatch(_ child: PipedChild, now: ContinuousClock.Instant) {
        let bytes = child.read()
        watchNoise += bytes.count
        var lines = watchLines.take(bytes)
        if child.hasEnded, let last = watchLines.end() { lines.append(last) }
        for line in lines {
            if let item = KubectlWatch.item(line) {
                known.note(item)
                if !hasWatched { startReading(now: now) }
                (hasWatched, watchNoise) = (true, 0)
                watching.reset()
                continue
            }
            if !line.isEmpty, !KubectlWarnings.isWarning(line) { problem = ShownText.line(line) }
        }
        if watchNoise > ClusterWatch.noiseLimit { child.kill() }
        if child.hasEnded {
            endWatch()
            watching.fail(timing, now: now)
        }
    }

    private func endWatch() {
        watch?.kill()
        (watch, watchNoise) = (nil, 0)
        watchLines = LineReader(limit: ClusterWatch.lineLimit)
    }

    private func readAnswer(_ child: PipedChild, now: ContinuousClock.Instant) {
        answer.take(child.read())
        if answer.isTooLong { child.kill() }
        guard child.hasEnded else { return }
        let whole = answer.end()
        endReader()
        switch whole {
        case .success(let items):
            known.endReading(items)
            (isFresh, problem, lastRead) = (true, nil, now)
            reading.reset()
        case .failure(let complaint):
            problem = complaint.text
            reading.fail(timing, now: now)
        }
    }

    private func endReader() {
        reader?.kill()
        (reader, answer) = (nil, ClusterAnswer())
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
            endReader()
            problem = "the cluster does not answer"
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
            watch = try kubectl.watch()
        } catch {
            problem = "\(error)"
            watching.fail(timing, now: now)
        }
    }

    private func startReading(now: ContinuousClock.Instant) {
        endReader()
        wantsReading = false
        known.beginReading()
        do {
            reader = try kubectl.list()
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
        endWatch()
        endReader()
        (isFresh, hasWatched, lastRead) = (false, false, nil)
    }
}
