import Synchronization
import Vocabulary

/// What opens a repository of a registry for a while.
struct RegistryPass: Sendable, Equatable {
    /// Value of the `Authorization` header; nil where none is wanted, or to be had.
    var authorization: String?
    /// How long it is good for; nil as long as a command runs.
    var lifetime: Duration?
    /// Why whoever gives out what opens it did not; nil when it did.
    var refusal: String?
}

/// The way into a registry that others run, remembered while a command runs.
///
/// Every question would else cost two more: what the registry wants, and a token.
package final class RegistryAccess: Sendable {
    private struct Known {
        var pass: RegistryPass
        var end: ContinuousClock.Instant?
    }

    package let remote: RemoteRegistry
    /// What people have to do when it does not let them in.
    let remedy: String
    private let known = Mutex<[String: Known]>([:])

    package init(_ remote: RemoteRegistry, engine: EngineName) {
        self.remote = remote
        remedy =
            "log in with '\(engine.rawValue) login \(remote.host)' if it wants a password; the"
            + " certificate of an authority of your own belongs into"
            + " \(engine.dialect.certificateFolder)/\(remote.host)/ca.crt"
    }

    /// What opens these repositories, as far as the registry lets us in.
    ///
    /// - Throws: `InvocationError` when curl cannot run.
    func passes(for repositories: Set<String>) async throws -> [String: RegistryPass] {
        let now = ContinuousClock.now
        let open = known.withLock { known in
            repositories.filter { name in
                known[name].map { $0.end.map { $0 <= now } ?? false } ?? true
            }
        }
        if !open.isEmpty {
            let passes = try await remote.passes(for: open)
            known.withLock { known in
                for (name, pass) in passes {
                    known[name] = Known(pass: pass, end: pass.lifetime.map { now + $0 })
                }
            }
        }
        return known.withLock { known in
            known.filter { repositories.contains($0.key) }.mapValues(\.pass)
        }
    }
}
