import StateFiles
import SystemLibraries
import Vocabulary

/// Who asked for a forward, which decides who may take it away.
public enum ForwardOrigin: String, Codable, Sendable {
    /// `spec.forwards`.
    case configured
    /// `pf start svc/gateway 19099:8080`.
    case adHoc
    /// A Service's annotation.
    case annotated
}

/// A forward that is wanted, whether or not anything runs for it.
struct ForwardSpec: Codable, Sendable, Equatable {
    /// Its name, unique in its cluster.
    var name: String
    /// The namespace of its target.
    var namespace: String
    /// What it leads to, as `svc/gateway`.
    var target: String
    /// Address on this machine.
    var address: String
    /// Port on this machine.
    var port: Int
    /// Port, or name of a port, of the target.
    var targetPort: String
    /// The path that is asked whether the program is well; nil asks nothing.
    var probe: String?
    /// Who asked for it.
    var origin: ForwardOrigin
    /// Changes with each request; the ledger repeats that of the request it speaks of.
    var id: String
    /// Set anew by a request that ends the connections of before; nil lets them go on.
    var generation: String?

    /// An id that no other request has.
    static func newID() -> String { String(UInt64.random(in: 0...UInt64.max), radix: 16) }

    /// Whether the other asks for the same, whoever asked.
    func asksFor(_ other: ForwardSpec) -> Bool {
        var mine = self
        (mine.id, mine.origin) = (other.id, other.origin)
        mine.generation = other.generation
        return mine == other
    }
}

/// All forwards that are wanted of one cluster: `forwards.json` in its state folder.
///
/// Commands write it, holding `forwards.lock`; the supervisor only reads it.
package struct ForwardSpecs: Codable, Sendable, Equatable {
    /// The context they go to.
    var context: String
    /// The kubeconfig that has it; nil means the user's own.
    var kubeconfig: String?
    /// The forwards, by name.
    var forwards: [ForwardSpec] = []

    /// What a supervisor finds.
    enum Reading {
        /// There is no file: nothing is wanted any more.
        case absent
        /// The file says nothing; what runs goes on.
        case damaged
        /// What the file says cannot be told; what runs goes on.
        case unreadable(DevClusterError)
        /// What is wanted.
        case specs(ForwardSpecs)
    }

    /// The file in a cluster's state folder.
    package static func path(_ folder: String) -> String { "\(folder)/forwards.json" }

    /// Reads the file.
    static func read(_ folder: String) -> Reading {
        do throws(DevClusterError) {
            guard try WholeFile.exists(path(folder)) else { return .absent }
            let specs = try StoredFile<ForwardSpecs>(path: path(folder)).read()
            return specs.map { .specs($0) } ?? .damaged
        } catch {
            return .unreadable(error)
        }
    }

    /// Replaces the file.
    func write(_ folder: String) throws {
        var sorted = self
        sorted.forwards.sort { $0.name < $1.name }
        try StoredFile(path: ForwardSpecs.path(folder)).write(sorted)
    }
}
