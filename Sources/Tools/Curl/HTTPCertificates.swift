/// The certificates for one server; without them the system's authorities count, and none is shown.
struct HTTPCertificates: Sendable, Equatable {
    /// File with the authorities that may have signed the server's; nil leaves it to the system.
    var authorities: String?
    /// File with the certificate that is shown to the server.
    var certificate: String?
    /// File with its key; nil when it is in the certificate's file.
    var key: String?

    /// The lines of curl's configuration that stand for them.
    var settings: [String] {
        [("cacert", authorities), ("cert", certificate), ("key", key)].compactMap { name, path in
            path.map { "\(name) = \(Curl.quoted($0))" }
        }
    }
}
