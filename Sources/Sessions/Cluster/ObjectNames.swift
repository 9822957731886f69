import ChildProcess
import Settings
import Tools
import Vocabulary

extension Session {
    /// Names of objects in the configured namespace, as `deployment/web`; namespaces without the
    /// kind. Gives up after two seconds, for it serves completion.
    ///
    /// - Throws: `InvocationError` when the API does not answer.
    public func objectNames(_ resources: String) async throws -> [String] {
        let names = try await kubectl.names(
            resources, namespace: configuration.namespace.description, deadline: .seconds(2))
        return names.compactMap { line in
            // `deployment.apps/web`
            let parts = line.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, let kind = parts[0].split(separator: ".").first else {
                return nil
            }
            return kind == "namespace" ? String(parts[1]) : "\(kind)/\(parts[1])"
        }
    }
}
