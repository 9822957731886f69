import ChildProcess
import Synchronization
import SystemLibraries
import Vocabulary

/// What happened to a watched object.
package struct WatchEvent: Sendable, Equatable {
    /// `ADDED`, `MODIFIED` or `DELETED`.
    package var type: String
    package var uid: String
    package var status: JSONValue

    /// A line as `Kubectl.watch` asks for it; nil when it is no such line.
    init?(line: String) {
        // kubectl aligns what it prints while watching: there may be several spaces.
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let status = try? JSONValue(parsing: Data(parts[2].utf8)) else {
            return nil
        }
        (type, uid, self.status) = (String(parts[0]), String(parts[1]), status)
    }
}

extension Kubectl {
    /// Follows one object without a namespace until the watch ends, is cancelled or late.
    ///
    /// It costs one read and one watch of the API server, however long it takes.
    /// - Parameter object: as `namespace/shop`.
    /// - Parameter onEvent: called on the thread that reads; must not block.
    package func watch(
        _ object: String, deadline: Duration, onEvent: @escaping @Sendable (WatchEvent) -> Void
    ) async throws -> Outcome {
        let lines = LineSplitter()
        return try await runner.run(
            invocation(
                [
                    "get", object, "--watch", "--output-watch-events", "--output",
                    #"jsonpath={.type}{" "}{.object.metadata.uid}{" "}{.object.status}{"\n"}"#,
                ], deadline: deadline)
        ) { chunk in
            guard chunk.stream == .output else { return }
            lines.take(chunk.bytes).compactMap(WatchEvent.init).forEach(onEvent)
        }
    }
}

/// Puts the lines together that arrive in pieces.
private final class LineSplitter: Sendable {
    private let rest = Mutex(Data())

    /// The lines that are whole with these bytes.
    func take(_ bytes: Data) -> [String] {
        rest.withLock { rest in
            rest.append(bytes)
            guard let end = rest.lastIndex(of: 10) else { return [] }
            let whole = rest[...end]
            rest = Data(rest[rest.index(after: end)...])
            return whole.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
