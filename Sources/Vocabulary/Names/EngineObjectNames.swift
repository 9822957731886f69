/// The name of a kind cluster: `[a-z0-9.-]+`, at most 40 characters.
///
/// kind names containers `NAME-control-plane2`, `NAME-worker`, `NAME-external-load-balancer`, and
/// a host name has at most 63 characters. As these are Kubernetes node names too, each part
/// between dots begins and ends with a letter or digit.
public struct ClusterName: ValidatedText {
    /// Characters that leave room for kind's longest suffix.
    package static let longest = 63 - "-external-load-balancer".utf8.count

    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.subdomain(text, atMost: Self.longest) {
            throw .invalid("cluster name", text, reason)
        }
        description = text
    }
}

/// The name of a container of the engine: `[a-zA-Z0-9][a-zA-Z0-9_.-]*`.
public struct ContainerName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.engineObject(text) {
            throw .invalid("container name", text, reason)
        }
        description = text
    }
}

/// The name of a volume of the engine: `[a-zA-Z0-9][a-zA-Z0-9_.-]*`.
public struct VolumeName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.engineObject(text) {
            throw .invalid("volume name", text, reason)
        }
        description = text
    }
}

extension NameGrammar {
    /// What podman and docker accept as a name (libpod `define.NameRegex`, docker
    /// `RestrictedNamePattern`), and what a file name can hold.
    package static func engineObject(_ text: String) -> String? {
        guard let first = text.utf8.first, isAlphanumeric(first) else {
            return "it must begin with a letter or digit"
        }
        return characters(text, allowed: "letters, digits, \"_\", \".\" and \"-\"") {
            isAlphanumeric($0) || "_.-".utf8.contains($0)
        } ?? length(text, atMost: 253)
    }
}
