import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// The Secret with which pods pull from a registry that wants a password:
/// `spec.registry.pullSecret`.
package struct PullSecret: Sendable {
    let session: Session
    /// Its name.
    let name: String
    /// Whether it is made from the engine's login.
    let isMade: Bool

    private var namespace: String { session.configuration.namespace.description }

    /// - Returns: nil when the configuration names none.
    /// - Throws: `DevClusterError` when it shall be made all the same.
    package init?(session: Session, isMade: Bool = false) throws {
        guard let name = session.configuration.registry.pullSecret else {
            guard !isMade else {
                throw DevClusterError(
                    .usage, "--create-pull-secret: the configuration names no Secret",
                    hint: "set spec.registry.pullSecret, beside spec.registry.host")
            }
            return nil
        }
        self.session = session
        self.name = name.description
        self.isMade = isMade
    }

    /// What the cluster has under its name.
    private struct Found {
        var type: String
        var isOurs: Bool
    }

    /// Throws when pods could not pull, before anything is built or changed.
    ///
    /// - Returns: what makes the Secret; nil when it is there already.
    package func prepare() async throws -> PullSecretPlan? {
        let found = try await find()
        guard isMade else {
            try require(found)
            return nil
        }
        if let found, !found.isOurs {
            throw DevClusterError(
                .failed,
                "the Secret '\(name)' in namespace \(namespace) was not made by devcluster, which"
                    + " therefore does not replace it",
                hint: "leave out --create-pull-secret to use it as it is, or set another name in"
                    + " spec.registry.pullSecret")
        }
        return PullSecretPlan(
            session: session, namespace: namespace, document: try await document(),
            replaces: found != nil, name: name)
    }

    /// Type and label only: nothing secret is read. Nil when there is none, or nobody may look.
    private func find() async throws -> Found? {
        switch try await session.kubectl.secret(name, namespace: namespace) {
        case .absent: return nil
        case .found(let type, let isManaged): return Found(type: type, isOurs: isManaged)
        case .forbidden(let error):
            // Somebody who may not read Secrets may still be allowed to deploy.
            guard !isMade else { throw error }
            return Found(type: PullSecret.types[0], isOurs: false)
        }
    }

    private static let types = [
        "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg",
    ]

    private func require(_ found: Found?) throws {
        guard let found else {
            throw DevClusterError(
                .failed,
                "namespace \(namespace) has no Secret '\(name)', with which pods are to pull",
                hint: "devcluster deploy --create-pull-secret makes it from your login at"
                    + " \(session.place.registryHost)")
        }
        guard PullSecret.types.contains(found.type) else {
            throw DevClusterError(
                .failed,
                "the Secret '\(name)' in namespace \(namespace) is of type"
                    + " '\(ShownText.line(found.type))', with which no pod can pull",
                hint: "correct spec.registry.pullSecret")
        }
    }

    /// The Secret, with the login for this registry alone.
    private func document() async throws -> JSONValue {
        guard let location = session.place.externalRegistry else { return .null }
        let store = CredentialStore(environment: session.environment, runner: session.runner)
        let host = location.host.description
        guard let login = try await store.login(for: host, below: location.path) else {
            throw DevClusterError(
                .failed, "nobody is logged in at \(host), so there is nothing to make a Secret of",
                hint: "\(session.engine.name.rawValue) login \(host)")
        }
        let known = login.credentials
        let auth = Data("\(known.user):\(known.password)".utf8).base64EncodedString()
        let logins: JSONValue = ["auths": [login.key: ["auth": .string(auth)]]]
        return [
            "apiVersion": "v1", "kind": "Secret", "type": .string(PullSecret.types[0]),
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": [
                    DevClusterLabel.managed: "true",
                    DevClusterLabel.project: .string(session.place.cluster),
                ],
            ],
            "data": [".dockerconfigjson": .string(try logins.encoded().base64EncodedString())],
        ]
    }
}

/// A Secret that is about to be made.
package struct PullSecretPlan: Sendable {
    let session: Session
    let namespace: String
    let document: JSONValue
    /// Whether there is one of ours.
    let replaces: Bool
    let name: String

    /// Makes it.
    ///
    /// - Throws: `InvocationError` when the API refuses.
    package func run() async throws {
        try await session.activity.step("\(replaces ? "replace" : "create") the Secret \(name)") {
            _ in
            try await session.kubectl.write(
                secret: document, replaces: replaces, namespace: namespace)
        }
    }
}
