import ChildProcess
import TestSupport
import Testing

@testable import Forwards
@testable import Vocabulary

/// What the ledger and the log say of a forward.
struct ForwardEntryTests {
    private let folder: TemporaryFolder
    private let journal: ForwardJournal

    init() throws {
        folder = try TemporaryFolder()
        journal = ForwardJournal(path: folder.file("web.log"))
    }

    private func entry(earlier: ForwardRecord? = nil) -> ForwardEntry {
        ForwardEntry(
            sampleSpec("svc/web", "80"), context: "kind-demo", journal: journal, earlier: earlier)
    }

    /// The lines of the log without their times.
    private func lines() throws -> [String] {
        try journal.lines(100).map { line in
            line.firstRange(of: "  ").map { String(line[$0.upperBound...]) } ?? line
        }
    }

    @Test func `the same error is said once, until it ran well in between`() throws {
        var entry = entry()
        entry.note(error: "no pod is ready")
        entry.note(error: "no pod is ready")
        entry.note(.running, pod: "web-1")
        #expect(entry.record.lastError == "no pod is ready")
        entry.note(error: "no pod is ready")
        #expect(
            try lines() == ["no pod is ready", "running, pod web-1", "no pod is ready"])
    }

    @Test func `what kubectl repeats is written once, and of many lines the last`() throws {
        var entry = entry()
        entry.log(kubectl: ["refused", "refused"])
        entry.log(kubectl: ["refused"])
        #expect(try lines() == ["kubectl: refused"])
        entry.meetNewKubectl()
        entry.log(kubectl: ["refused"] + (1...21).map { "line \($0)" })
        let last = try lines().dropFirst()
        #expect(last.first == "kubectl: 2 more lines")
        #expect(last.dropFirst().first == "kubectl: line 2")
        #expect(last.last == "kubectl: line 21")
    }

    @Test func `who follows a supervisor that died goes on with its counters`() {
        var earlier = sampleForward("web", process: nil)
        earlier.connections = 7
        earlier.bytesSent = 11
        earlier.lastError = "no pod is ready"
        let record = entry(earlier: earlier).record
        #expect(record.connections == 7)
        #expect(record.bytesSent == 11)
        #expect(record.startedAt == earlier.startedAt)
        #expect(record.lastError == nil)
        #expect(record.supervisor == .current)
    }

    @Test func `counters wait for their time, and a change is written at once`() {
        var entry = entry()
        entry.noteWritten()
        entry.countConnection()
        entry.count(sent: 1, received: 2)
        #expect(!entry.isChanged)
        #expect(entry.isCounted)
        entry.noteWritten()
        #expect(!entry.isCounted)
        entry.note(.running, pod: "web-1")
        #expect(entry.isChanged)
    }

    @Test func `another request begins without the error of the one before`() {
        var entry = entry()
        entry.note(error: "svc/web in namespace shop not found")
        entry.note(.failed, pod: nil)
        var again = sampleSpec("svc/web", "80")
        again.id = "2"
        entry.restart(for: again)
        #expect(entry.record.request == "2")
        #expect(entry.record.state == .starting)
        #expect(entry.record.lastError == nil)
    }
}
