import ChildProcess
import SystemLibraries
import Vocabulary

/// What the ledger and the log say of a forward, each thing once.
struct ForwardEntry {
    /// What the ledger is to say.
    private(set) var record: ForwardRecord
    private let journal: ForwardJournal
    /// Whether the ledger should be written soon.
    private(set) var isChanged = true
    /// Whether only counters are otherwise than in the ledger.
    private(set) var isCounted = false
    /// What went wrong since it last ran well, so that it is written once.
    private var lastError: String?
    /// What kubectl said last, so that it is not written again for each attempt.
    private var lastLine: String?

    /// - Parameter earlier: the entry of the same request, by a supervisor that died.
    init(_ spec: ForwardSpec, context: String, journal: ForwardJournal, earlier: ForwardRecord?) {
        self.journal = journal
        record = ForwardRecord(spec, context: context)
        record.supervisor = .current
        if let earlier {
            record.startedAt = earlier.startedAt
            record.restarts = earlier.restarts
            record.connections = earlier.connections
            record.bytesSent = earlier.bytesSent
            record.bytesReceived = earlier.bytesReceived
        }
    }

    /// Takes note that the ledger was written.
    mutating func noteWritten() { (isChanged, isCounted) = (false, false) }

    /// Lets the ledger be written soon.
    mutating func markChanged() { isChanged = true }

    /// Answers another request from now on.
    mutating func restart(for spec: ForwardSpec) {
        (record.request, record.origin) = (spec.id, spec.origin)
        (record.state, record.lastError, lastError) = (.starting, nil, nil)
        isChanged = true
    }

    /// Says what went wrong.
    mutating func note(error: String) {
        guard error != lastError else { return }
        (lastError, record.lastError) = (error, error)
        journal.write(error)
        isChanged = true
    }

    /// Takes back what went wrong.
    mutating func clearError() { (lastError, record.lastError) = (nil, nil) }

    /// Says how it is.
    mutating func note(_ state: ForwardStatus.State, pod: String?) {
        if state != record.state || pod != record.pod {
            journal.write("\(state.rawValue)" + (pod.map { ", pod \($0)" } ?? ""))
            if state == .running { lastError = nil }
            isChanged = true
        }
        (record.state, record.pod) = (state, pod)
    }

    /// Counts a client.
    mutating func countConnection() {
        record.connections.add(1)
        isCounted = true
    }

    /// Lets the ledger be written when it is time for counters.
    mutating func noteTraffic() { isCounted = true }

    /// Says what went through it.
    mutating func count(sent: BoundedInteger, received: BoundedInteger) {
        (record.bytesSent, record.bytesReceived) = (sent, received)
    }

    /// Says which kubectl was started.
    mutating func note(_ start: ForwardChildren.Start) {
        if start.isRestart { record.restarts.add(1) }
        record.process = start.child.process
        record.arguments = start.child.arguments
        isChanged = true
    }

    /// Says that no kubectl runs.
    mutating func noteNoKubectl() { record.process = nil }

    /// Writes a line to the log.
    func log(_ line: String) { journal.write(line) }

    /// Writes what kubectl said to the log, without what it repeats.
    mutating func log(kubectl said: [String]) {
        let limit = 20
        var lines: [String] = []
        for line in said {
            if line != lastLine { lines.append(line) }
            lastLine = line
        }
        // The last ones tell most of what is so now.
        if lines.count > limit {
            journal.write("kubectl: \(counted(lines.count - limit, "more line"))")
        }
        for line in lines.suffix(limit) { journal.write("kubectl: \(line)") }
    }

    /// Lets another kubectl say the same again.
    mutating func meetNewKubectl() { lastLine = nil }
}
