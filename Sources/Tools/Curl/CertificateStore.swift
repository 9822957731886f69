import StateFiles
import SystemLibraries

/// Where podman and docker keep certificates for registries: containers-certs.d(5).
struct CertificateStore: Sendable {
    let environment: [String: String]
    /// Gets what has to be put together.
    let state: StateFolder

    /// The certificates for a host; nil when there is no folder for it.
    ///
    /// As with podman, the first folder that exists counts, and a port is part of its name just
    /// as far as it is part of references.
    /// - Throws: `DevClusterError` when a folder or an authority in it cannot be read.
    func certificates(for host: String) throws -> HTTPCertificates? {
        guard !host.contains("/"), !host.hasPrefix(".") else { return nil }
        let folders = [
            environment["HOME"].map { $0 + "/.config/containers/certs.d" },
            "/etc/containers/certs.d", "/etc/docker/certs.d",
        ].compactMap { $0.map { "\($0)/\(host)" } }
        for folder in folders {
            if let names = try WholeFile.names(in: folder) {
                return try certificates(in: folder, names, host)
            }
        }
        return nil
    }

    private func certificates(in folder: String, _ names: [String], _ host: String)
        throws -> HTTPCertificates
    {
        let pairs = names.filter { name in
            name.hasSuffix(".cert") && names.contains("\(name.dropLast(5)).key")
        }
        let pair = pairs.first.map { "\(folder)/\($0.dropLast(5))" }
        return HTTPCertificates(
            authorities: try bundle(
                names.filter { $0.hasSuffix(".crt") }.map { "\(folder)/\($0)" }, host),
            certificate: pair.map { "\($0).cert" }, key: pair.map { "\($0).key" })
    }

    /// curl takes one file.
    private func bundle(_ files: [String], _ host: String) throws -> String? {
        guard files.count > 1 else { return files.first }
        let contents = try files.compactMap { try WholeFile.read($0) }
        let whole = Data(contents.joined(separator: Data("\n".utf8)))
        let path = "\(state.path)/cache/certificates/\(host).pem"
        if try WholeFile.read(path) == whole { return path }
        try AtomicFile.write(whole, to: path)
        return path
    }
}
