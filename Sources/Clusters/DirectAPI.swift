import ChildProcess
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// The cluster's API without kubectl, on the way that kubectl found in the user's kubeconfig.
///
/// kubectl takes 0.09 s of processor time for two short lists and curl 0.02, of the 0.5 s that `up`
/// on a healthy cluster costs. What a kubeconfig means stays kubectl's to say: its word is kept with
/// a hash of the files that it read, and counts while they are the same.
struct DirectAPI: Sendable {
    let session: Session

    /// The way that kubectl found.
    struct Route: Codable, Sendable, Equatable {
        /// Of the user's kubeconfig, in hexadecimal digits.
        var fingerprint: String
        /// URL of the API server; nil when the entry asks for more than curl is told here.
        var server: String?
    }

    /// Folder of all that is kept here.
    var folder: String { "\(session.place.folder)/api" }
    private var route: StoredFile<Route> { StoredFile(path: "\(folder)/route.json") }
    private var certificates: HTTPCertificates {
        HTTPCertificates(
            authorities: "\(folder)/authorities.pem", certificate: "\(folder)/client.pem")
    }

    /// Short, because a server that does not answer curl is asked by kubectl next.
    private static let secondsPerRequest = 2

    private struct ConfigMap: Decodable {
        var metadata: ObjectMetadata
        var data: [String: String]?
    }

    /// Nodes and the ConfigMaps of a namespace.
    ///
    /// - Returns: nil when they are not to be had in this way, which says nothing of the API.
    func items(configMapsOf namespace: String) async -> [ClusterItem]? {
        guard let route = (try? route.read()) ?? nil, let server = route.server,
            let fingerprint = try? fingerprint, route.fingerprint == fingerprint
        else { return nil }
        let requests = ["nodes", "namespaces/\(namespace)/configmaps"].map {
            var request = HTTPRequest(.get, "\(server)/api/v1/\($0)")
            request.certificates = certificates
            return request
        }
        let curl = Curl(runner: session.runner, secondsPerRequest: DirectAPI.secondsPerRequest)
        guard let answers = try? await curl.send(requests), answers.allSatisfy(\.isSuccess),
            let nodes = DirectAPI.items(KubernetesNode.self, answers[0]),
            let configMaps = DirectAPI.items(ConfigMap.self, answers[1])
        else { return nil }
        return nodes.map { .node($0) }
            + configMaps.map { .configMap(name: $0.metadata.name, data: $0.data ?? [:]) }
    }

    private static func items<Item: Decodable>(_ type: Item.Type, _ answer: HTTPResponse) -> [Item]?
    {
        try? KubernetesList<Item>(parsing: answer.body).items
    }

    /// Asks kubectl for the way, where the kubeconfig is another than when it was asked last.
    ///
    /// What goes wrong here only costs time later.
    func learn() async {
        // Before kubectl reads the files: what is changed meanwhile has another fingerprint.
        guard !session.isDryRun, let fingerprint = try? fingerprint,
            (try? route.read())??.fingerprint != fingerprint,
            let entry = try? await UserKubeconfig(session: session).entry()
        else { return }
        try? keep(entry, fingerprint)
    }

    private func keep(_ entry: KubeconfigEntry, _ fingerprint: String) throws {
        // A route must never stand beside the certificates of another one.
        route.remove()
        var server: String?
        if let plain = PlainEntry(entry), let authorities = certificates.authorities,
            let certificate = certificates.certificate
        {
            try AtomicFile.write(plain.authorities, to: authorities)
            try AtomicFile.write(
                plain.certificate + Data("\n".utf8) + plain.key, to: certificate)
            server = plain.server
        }
        try route.write(Route(fingerprint: fingerprint, server: server))
    }

    /// Forgets everything.
    func forget() { try? FileManager.default.removeItem(atPath: folder) }

    /// Differs when any file of the user's kubeconfig does.
    private var fingerprint: String {
        get throws {
            var bytes: [UInt8] = []
            for path in UserKubeconfig.files(session.environment) {
                let content = try WholeFile.read(path)
                bytes += path.utf8 + [0] + (content.map { "\($0.count)" } ?? "-").utf8 + [0]
                bytes += content ?? Data()
            }
            return SHA256.hex(bytes)
        }
    }
}

/// An entry as kind writes it, with nothing in it that only kubectl would know how to follow.
private struct PlainEntry {
    var server: String
    var authorities: Data
    var certificate: Data
    var key: Data

    init?(_ entry: KubeconfigEntry) {
        guard Set(entry.cluster.keys) == ["server", "certificate-authority-data"],
            Set(entry.user.keys) == ["client-certificate-data", "client-key-data"],
            let server = entry.cluster["server"]?.string, server.hasPrefix("https://"),
            let authorities = PlainEntry.pem(entry.cluster["certificate-authority-data"]),
            let certificate = PlainEntry.pem(entry.user["client-certificate-data"]),
            let key = PlainEntry.pem(entry.user["client-key-data"])
        else { return nil }
        self.server = server
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }

    private static func pem(_ value: JSONValue?) -> Data? {
        value?.string.flatMap { Data(base64Encoded: $0) }.flatMap {
            $0.starts(with: Data("-----BEGIN ".utf8)) ? $0 : nil
        }
    }
}
