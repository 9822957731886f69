import ChildProcess
import Tools
import Vocabulary

/// A warning of the API about an object that was applied.
public struct APIWarning: Codable, Sendable, Hashable {
    /// Kind and name, as `Ingress/web`; nil where it could not be found out.
    public var object: String?
    /// What the API said.
    public var message: String

    /// As it is shown.
    var text: String { object.map { "\($0): \(message)" } ?? message }
}

/// Finds out which objects the API's warnings are about.
struct APIWarnings: Sendable {
    let kubectl: Kubectl
    let namespace: String?

    /// One warning for each object and text.
    ///
    /// Only texts that name no object cost a call for each object: the API is asked again about
    /// each by itself, which changes nothing.
    /// - Parameter errorOutput: what kubectl printed on standard error.
    /// - Throws: `InvocationError` when it is interrupted.
    func attributed(_ errorOutput: String, to objects: [JSONValue]) async throws -> [APIWarning] {
        let texts = KubectlWarnings.texts(errorOutput)
        guard !texts.isEmpty else { return [] }
        let names = objects.map { ManifestObject($0) }
        var found: [APIWarning] = []
        var open: Set<String> = []
        for text in texts {
            let named = KubectlWarnings.named(by: text, among: names)
            if named.isEmpty { open.insert(text) }
            found += named.map { APIWarning(object: $0.description, message: text) }
        }
        if !open.isEmpty {
            let asked = try await ask(objects, for: open)
            let answered = Set(asked.map(\.message))
            found += asked
            found += open.subtracting(answered).sorted().map {
                APIWarning(object: nil, message: $0)
            }
        }
        var known: Set<APIWarning> = []
        return found.filter { known.insert($0).inserted }
    }

    private func ask(_ objects: [JSONValue], for texts: Set<String>) async throws -> [APIWarning] {
        // Each is a process: no more at once than a small machine bears.
        try await objects.concurrentMap(atMost: 4) { try await ask($0, for: texts) }
            .flatMap(\.self)
    }

    private func ask(_ object: JSONValue, for texts: Set<String>) async throws -> [APIWarning] {
        let said: [String]
        do {
            said = try await kubectl.warnings(about: object, namespace: namespace)
        } catch let error as InvocationError where error.reason != .cancelled {
            // A warning without its object is no reason to fail.
            return []
        }
        let name = ManifestObject(object).description
        return said.filter(texts.contains).map { APIWarning(object: name, message: $0) }
    }
}
