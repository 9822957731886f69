import Synchronization
import SystemLibraries

/// The last few kilobytes of what a child prints, both streams in the order in which they came:
/// a build's steps stand on one, its complaints on the other.
final class OutputTail: Sendable {
    private let kept = Mutex(Data())
    private static let limit = 8 << 10

    func add(_ bytes: Data) {
        kept.withLock { kept in
            kept.append(bytes)
            if kept.count > 2 * OutputTail.limit { kept = Data(kept.suffix(OutputTail.limit)) }
        }
    }

    var bytes: Data { kept.withLock { Data($0.suffix(OutputTail.limit)) } }

    /// The last line that has any text.
    var lastLine: String? {
        let text = String(decoding: bytes.suffix(512), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).last.map(String.init)
    }
}
