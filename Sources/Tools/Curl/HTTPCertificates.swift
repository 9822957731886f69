/// The certificates for one server; without them the system's authorities count, and none is shown.
package struct HTTPCertificates: Sendable, Equatable {
    /// File with the authorities that may have signed the server's; nil leaves it to the system.
    package var authorities: String?
    /// File with the certificate that is shown to the server.
    package var certificate: String?
    /// File with its key; nil when it is in the certificate's file.
    var key: String?

    package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }

    /// The lines of curl's configuration that stand for them.
    var settings: [String] {
        [("cacert", authorities), ("cert", certificate), ("key", key)].compactMap { name, path in
            path.map { "\(name) = \(Curl.quoted($0))" }
        }
    }
}
