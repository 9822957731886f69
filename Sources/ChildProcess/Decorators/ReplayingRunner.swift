import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Answers from a file written by `RecordingRunner`, each recording once.
///
/// An invocation matches on tool, arguments, added environment, directory and input; secret
/// inputs match each other. Equal ones are answered in the order they were recorded in.
public final class ReplayingRunner: Runner {
    private let rewrite: @Sendable (Invocation) -> Invocation
    private let left: Mutex<[Recording]>

    /// - Parameters:
    ///   - path: the file of recordings.
    ///   - rewrite: the change made to each invocation before it is looked for, as it was made
    ///     when recording.
    /// - Throws: `ReplayError.unreadable`.
    public init(
        path: String, rewrite: @escaping @Sendable (Invocation) -> Invocation = { $0 }
    ) throws {
        self.rewrite = rewrite
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ReplayError.unreadable("\(path): cannot be read")
        }
        let lines = data.split(separator: UInt8(ascii: "\n"))
        left = Mutex(
            try lines.enumerated().map { number, line in
                do {
                    return try JSONDecoder().decode(Recording.self, from: line)
                } catch {
                    throw ReplayError.unreadable("\(path):\(number + 1): \(error)")
                }
            })
    }

    /// What was recorded and not asked for so far.
    public var unused: [Invocation] {
        left.withLock { $0.map(\.invocation) }
    }

    /// Checks that every recording was used.
    ///
    /// - Throws: `ReplayError.unused`.
    public func verify() throws(ReplayError) {
        let unused = unused
        if !unused.isEmpty { throw .unused(unused) }
    }

    /// Answers with the recorded outcome; output is also handed to `onOutput`.
    ///
    /// - Throws: `ReplayError.unexpected` for what was not recorded, or not that often.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard !Task.isCancelled else { throw InvocationError(.cancelled, invocation) }
        let wanted = rewrite(invocation).redacted
        let recording = try left.withLock { left in
            guard let index = left.firstIndex(where: { wanted.resembles($0.invocation) }) else {
                let closest = left.map(\.invocation).max { a, b in
                    wanted.likeness(to: a) < wanted.likeness(to: b)
                }
                throw ReplayError.unexpected(wanted, closest: closest)
            }
            return left.remove(at: index)
        }
        for (stream, bytes) in [
            (OutputChunk.Stream.output, recording.output), (.error, recording.errorOutput),
        ] where !bytes.isEmpty {
            onOutput?(OutputChunk(stream: stream, bytes: bytes))
        }
        return Outcome(
            invocation: invocation, exit: recording.exit, output: recording.output,
            errorOutput: recording.errorOutput, duration: recording.duration)
    }
}

/// A replay that does not fit its recordings.
public enum ReplayError: Error, Hashable, CustomStringConvertible {
    /// This was not recorded; the closest recording still unused is, if there is any.
    case unexpected(Invocation, closest: Invocation?)
    /// These were recorded and never asked for.
    case unused([Invocation])
    /// The file of recordings cannot be read; the text says where and why.
    case unreadable(String)

    /// The commands in question, as they can be pasted into a shell.
    public var description: String {
        switch self {
        case .unexpected(let invocation, let closest):
            let hint = closest.map { "closest unused recording: \($0.shellQuoted)" }
            return "not recorded: \(invocation.shellQuoted)\n\(hint ?? "no recording is left")"
        case .unused(let invocations):
            return "recorded but never run:\n"
                + invocations.map(\.shellQuoted).joined(separator: "\n")
        case .unreadable(let reason):
            return reason
        }
    }
}

extension Invocation {
    /// Whether both run the same command, whatever their limits.
    fileprivate func resembles(_ other: Invocation) -> Bool {
        tool == other.tool && arguments == other.arguments && environment == other.environment
            && directory == other.directory && input == other.input
    }

    /// Larger the more of the command is the same, its beginning above all.
    fileprivate func likeness(to other: Invocation) -> Int {
        let same = zip(arguments, other.arguments).prefix { $0 == $1 }.count
        let shared = Set(arguments).intersection(other.arguments).count
        return (tool == other.tool ? 1000 : 0) + 10 * same + shared
            - abs(arguments.count - other.arguments.count)
    }
}
