/// The name of a namespace: an RFC 1123 label of at most 63 characters.
public struct NamespaceName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.label(text) { throw .invalid("namespace", text, reason) }
        description = text
    }
}

/// The name of any other Kubernetes object: an RFC 1123 subdomain of at most 253 characters.
///
/// Some kinds are stricter (a Service is a label), some laxer (a ClusterRole may hold `:`).
public struct ObjectName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.subdomain(text) { throw .invalid("name", text, reason) }
        description = text
    }
}

/// Name of a release of a Helm chart.
public struct ReleaseName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name; Helm takes 53 characters at most.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.subdomain(text, atMost: 53) {
            throw .invalid("release name", text, reason)
        }
        description = text
    }
}

/// The key of a label or annotation: `angzarr.io/descriptor`, or without the prefix.
public struct AnnotationKey: ValidatedText {
    /// The key.
    public let description: String

    /// Checks the key: an optional subdomain and `/`, then at most 63 characters.
    public init(_ text: String) throws(DevClusterError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.last ?? ""
        var reason = parts.count == 2 ? NameGrammar.subdomain(parts[0]) : nil
        reason =
            reason
            ?? NameGrammar.characters(name, allowed: "letters, digits, \"_\", \".\" and \"-\"") {
                NameGrammar.isAlphanumeric($0) || "_.-".utf8.contains($0)
            } ?? NameGrammar.length(name, atMost: 63)
        if reason == nil {
            let ends = [name.utf8.first, name.utf8.last].compactMap(\.self)
            if ends.isEmpty || !ends.allSatisfy(NameGrammar.isAlphanumeric) {
                reason = "its name must begin and end with a letter or digit"
            }
        }
        if let reason { throw .invalid("annotation key", text, reason) }
        description = text
    }
}

/// The name of a context in a kubeconfig: any text that can be passed as an argument.
public struct ContextName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        let isShown = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard !text.isEmpty, isShown, !text.hasPrefix("-") else {
            let reason = isShown ? "it must not begin with \"-\"" : "it holds a control character"
            throw .invalid("context", text, reason)
        }
        description = text
    }
}

/// The name of a port in a pod or Service: at most 15 characters, with a letter (RFC 6335).
public struct PortName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        var reason = NameGrammar.label(text, atMost: 15)
        if reason == nil, text.utf8.allSatisfy({ NameGrammar.isDigit($0) || $0 == 0x2D }) {
            reason = "it must hold a letter"
        }
        if reason == nil, text.contains("--") { reason = "it must not contain \"--\"" }
        if let reason { throw .invalid("port name", text, reason) }
        description = text
    }
}

/// The name of a forward: an RFC 1123 label, as a file of the state folder is named after it.
public struct ForwardName: ValidatedText {
    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.label(text) { throw .invalid("forward name", text, reason) }
        description = text
    }
}
