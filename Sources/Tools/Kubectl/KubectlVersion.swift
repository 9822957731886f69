import ChildProcess

/// The versions of kubectl and of the API server, as `v1.36.1`.
package struct KubectlVersions: Decodable, Sendable {
    private struct Version: Decodable { var gitVersion: String? }
    private var clientVersion: Version?
    private var serverVersion: Version?

    package var client: String? { clientVersion?.gitVersion }
    /// Nil when the API does not say it.
    package var server: String? { serverVersion?.gitVersion }
}

extension Kubectl {
    /// The version of the cluster, as `v1.36.1`; nil when the API does not say it.
    ///
    /// - Throws: `DevClusterError` when the API does not answer, `InvocationError`.
    package func serverVersion() async throws -> String? {
        try decode(KubectlVersions.self, answered(await version(deadline: .seconds(10)))).server
    }

    /// The versions on both sides.
    ///
    /// - Throws: `InvocationError` when the API does not answer, `DevClusterError` when kubectl
    ///   prints something else.
    package func versions() async throws -> KubectlVersions {
        try decode(KubectlVersions.self, await version().checked())
    }

    private func version(deadline: Duration? = nil) async throws -> Outcome {
        try await run(["version", "--output", "json"], deadline: deadline)
    }
}
