import ChildProcess
import Vocabulary

/// What the API server makes of objects that it is only asked about.
extension Kubectl {
    /// What came of asking for an apply that changes nothing.
    package enum Trial {
        /// What the objects would be, defaults and all.
        case result([JSONValue])
        /// The apply itself is refused as well, and says it better.
        case refused
        /// Some webhook can be asked only in earnest.
        case unknown
    }

    /// Asks what an apply would make of objects: only the API server knows the defaults that a
    /// manifest leaves out.
    package func tried(_ objects: [JSONValue], namespace: String) async throws -> Trial {
        let outcome = try await run(
            ["apply", "--dry-run=server", "--output", "json", "--filename", "-"],
            namespace: namespace, input: .objects(Kubectl.list(objects)))
        guard outcome.succeeded else {
            return KubectlText.noDryRun.isIn(outcome.errorText) ? .unknown : .refused
        }
        let result = try outcome.json()
        return .result(result["items"]?.array ?? [result])
    }

    /// What the API server warns of when it is given an object that is there already: an apply
    /// would send nothing that it could warn of.
    package func warnings(about object: JSONValue, namespace: String?) async throws -> [String] {
        let outcome = try await run(
            ["replace", "--dry-run=server", "--filename", "-"], namespace: namespace,
            input: .objects(object))
        return KubectlWarnings.texts(outcome.errorText)
    }
}
