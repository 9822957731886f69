import StateFiles
import Vocabulary

/// The locks of all namespaces that a command changes.
///
/// They are waited for in the order of their names, so that no two commands wait for each other.
package struct NamespaceLocks: Sendable {
    private let session: Session
    /// The namespaces that are held.
    private(set) var names: Set<String> = []
    /// Those that are needed, also where they could not be taken in their order.
    package private(set) var wanted: Set<String>
    private var locks: [StateLock?] = []

    /// Takes the locks of these namespaces.
    ///
    /// - Throws: `DevClusterError` naming who holds one of them.
    package init(_ names: Set<String>, session: Session) async throws {
        self.session = session
        wanted = names
        for name in names.sorted() { try await take(name, waits: true) }
    }

    /// Takes those of these namespaces too.
    ///
    /// - Returns: false when one that comes before others that are held is taken: then all have to
    ///   be let go, and taken in their order.
    /// - Throws: `DevClusterError` naming who holds one that is not waited for.
    package mutating func add(_ more: Set<String>) async throws -> Bool {
        wanted.formUnion(more)
        for name in more.subtracting(names).sorted() {
            let isInOrder = names.allSatisfy { $0 < name }
            do {
                try await take(name, waits: isInOrder)
            } catch let error as DevClusterError where !isInOrder && error.code == .failed {
                guard session.lockWait > .zero else { throw error }
                return false
            }
        }
        return true
    }

    private mutating func take(_ name: String, waits: Bool) async throws {
        // The API refuses what is no name; it shall not become a path.
        guard (try? NamespaceName(name)) != nil else { return }
        locks.append(try await session.lockNamespace(name, waits: waits))
        names.insert(name)
    }
}
