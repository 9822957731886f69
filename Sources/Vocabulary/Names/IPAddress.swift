import SystemLibraries

/// An IPv4 or IPv6 address, as written.
public struct IPAddress: ValidatedText {
    /// `127.0.0.1`.
    public static let loopback = IPAddress(unchecked: "127.0.0.1")

    /// The address.
    public let description: String

    private init(unchecked text: String) {
        description = text
    }

    /// Checks the address; no zone, no brackets.
    public init(_ text: String) throws(DevClusterError) {
        var address = in6_addr()
        let isAddress = [AF_INET, AF_INET6].contains { inet_pton($0, text, &address) == 1 }
        guard isAddress, !text.utf8.contains(0) else {
            throw .invalid("address", text, "it must be an IP address such as 127.0.0.1")
        }
        description = text
    }

    /// Whether it is an IPv6 address.
    var isIPv6: Bool { description.contains(":") }

    /// Whether it stands for every interface.
    package var isWildcard: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool {
        isIPv6 ? bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 } : bytes.first == 127
    }

    /// Four or sixteen bytes in network order.
    private var bytes: [UInt8] {
        var address = in6_addr()
        inet_pton(isIPv6 ? AF_INET6 : AF_INET, description, &address)
        return withUnsafeBytes(of: &address) { Array($0.prefix(isIPv6 ? 16 : 4)) }
    }
}
