extension Kubectl {
    /// The version of the cluster, as `v1.36.1`; nil when the API does not say it.
    ///
    /// - Throws: `DevClusterError` when the API does not answer, `InvocationError`.
    package func serverVersion() async throws -> String? {
        struct Answer: Decodable {
            struct Version: Decodable { var gitVersion: String? }
            var serverVersion: Version?
        }
        let outcome = try await run(["version", "--output", "json"], deadline: .seconds(10))
        return try decode(Answer.self, answered(outcome)).serverVersion?.gitVersion
    }
}
