/// The host of a registry, with a port where it is not the usual one: `localhost:5001`.
public struct RegistryHost: ValidatedText {
    /// Docker Hub, which a reference without host means.
    package static let dockerHub = RegistryHost(unchecked: "docker.io")

    /// Host and port as written.
    public let description: String

    private init(unchecked text: String) {
        description = text
    }

    /// Checks the host.
    ///
    /// A name needs a dot or a port, or must be `localhost`: in an image reference any other
    /// word is the first part of a repository on Docker Hub.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.registryHost(text) {
            throw .invalid("registry host", text, reason)
        }
        guard NameGrammar.looksLikeHost(text) else {
            throw .invalid("registry host", text, "it needs a dot or a port")
        }
        description = text
    }

    /// The host without the port; an IPv6 address without its brackets.
    package var name: String {
        if description.hasPrefix("["), let end = description.firstIndex(of: "]") {
            return String(description[description.index(after: description.startIndex)..<end])
        }
        return String(description.prefix { $0 != ":" })
    }

    /// The port, or nil when none is written.
    package var port: PortNumber? {
        let rest = description.hasPrefix("[") ? description.drop { $0 != "]" } : description[...]
        return rest.parted(atLast: UInt8(ascii: ":")).flatMap {
            try? PortNumber(String($0.after))
        }
    }

    /// Whether only this machine can reach it: plain HTTP is usual then.
    package var isLoopback: Bool {
        let name = name.lowercased()
        return name == "localhost" || (try? IPAddress(name))?.isLoopback == true
    }
}

/// A place in a registry: its host and, where images lie deeper, a path: `example.com/team`.
public struct RegistryLocation: ValidatedText {
    /// The host.
    public let host: RegistryHost
    /// What stands between the host and each repository's name, or nil.
    public let path: RepositoryName?

    /// Checks the location.
    public init(_ text: String) throws(DevClusterError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        host = try RegistryHost(parts.first.map(String.init) ?? "")
        path = parts.count == 2 ? try RepositoryName(String(parts[1])) : nil
    }

    /// Host and path joined by a slash.
    public var description: String { path.map { "\(host)/\($0)" } ?? host.description }
}

extension NameGrammar {
    /// Whether the part before the first slash of a reference is a host, by the rule of
    /// distribution's `splitDockerDomain`.
    static func looksLikeHost(_ text: some StringProtocol) -> Bool {
        text == "localhost" || text.contains { $0 == "." || $0 == ":" || $0.isUppercase }
    }

    /// A DNS name, IPv4 address or `[IPv6]`, and an optional port.
    static func registryHost(_ text: some StringProtocol) -> String? {
        var host = Substring(text)
        if let parts = host.parted(atLast: UInt8(ascii: ":")), !parts.after.contains("]") {
            let port = String(parts.after)
            if (try? PortNumber(port)) == nil {
                return "\(ShownText.quoted(port)) is not a port"
            }
            host = parts.before
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), (try? IPAddress(String(host.dropFirst().dropLast()))) != nil
            else { return "\(ShownText.quoted(String(host))) is not an IPv6 address" }
            return nil
        }
        for label in host.split(separator: ".", omittingEmptySubsequences: false) {
            guard let first = label.utf8.first, let last = label.last?.utf8.last else {
                return "a part of the host is empty"
            }
            let wrong = characters(label, allowed: "letters, digits, \"-\" and \".\"") {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-")
            }
            if let wrong { return "in the host \(wrong)" }
            guard isAlphanumeric(first), isAlphanumeric(last) else {
                return "each part of the host must begin and end with a letter or digit"
            }
        }
        return nil
    }
}
