import Tools
import Vocabulary

/// What a kubectl that reads the cluster has printed so far.
struct ClusterAnswer {
    /// Why an answer says nothing.
    struct Complaint: Error, Equatable {
        var text: String
    }

    /// Bytes that an answer may have: each object takes 300.
    private static let limit = 64 << 20

    private var lines = LineReader(limit: ClusterWatch.lineLimit)
    private var items: [KubectlWatch.Item] = []
    private var complaint: String?
    private var isWhole = false
    private var count = 0
    /// Bytes without an object.
    private var noise = 0

    /// Whether it prints what no kubectl that works prints.
    var isTooLong: Bool { count > ClusterAnswer.limit || noise > 1 << 20 }

    /// Takes in what it printed.
    mutating func take(_ bytes: [UInt8]) {
        count += bytes.count
        for line in lines.take(bytes) { note(line) }
    }

    /// The objects, once it has ended.
    ///
    /// kubectl prints what it could read of several types, and complains of the others: then the
    /// answer is none.
    mutating func end() -> Result<[KubectlWatch.Item], Complaint> {
        if let rest = lines.end() { note(rest) }
        if let complaint { return .failure(Complaint(text: complaint)) }
        if isTooLong { return .failure(Complaint(text: "kubectl prints without end")) }
        guard isWhole else { return .failure(Complaint(text: "kubectl was cut short")) }
        return .success(items)
    }

    private mutating func note(_ line: String) {
        guard !line.isEmpty, !KubectlWarnings.isWarning(line) else {
            noise += line.utf8.count + 1
            return
        }
        isWhole = line == KubectlWatch.end
        if let item = KubectlWatch.item(line) {
            items.append(item)
        } else if !isWhole {
            noise += line.utf8.count + 1
            complaint = complaint ?? ShownText.line(line)
        }
    }
}
