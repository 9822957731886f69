import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A manifest as it is asked for: a repository and a tag or digest.
public struct ManifestName: Sendable, Hashable {
    /// Repository without the registry's host.
    public var repository: String
    /// Tag, or digest as `sha256:…`.
    public var reference: String

    /// A manifest's name.
    public init(repository: String, reference: String) {
        self.repository = repository
        self.reference = reference
    }
}

/// What a registry said of a manifest.
public enum RegistryAnswer<Value: Sendable & Equatable>: Sendable, Equatable {
    /// It serves it.
    case found(Value)
    /// It says that there is none (404).
    case missing
    /// It did not say: not reached, refused, or an answer that is none; the reason in words.
    case unknown(String)

    /// What was found, or nil.
    public var value: Value? {
        if case .found(let value) = self { value } else { nil }
    }
}

/// The registry's HTTP API (OCI distribution), through curl.
public struct RegistryClient: Sendable {
    /// Scheme, host and port, without a slash at the end.
    public let baseURL: String
    let curl: Curl

    /// A client for the registry at this address.
    public init(baseURL: String, curl: Curl) {
        self.baseURL = baseURL
        self.curl = curl
    }

    /// All four types: with only some, an index answers 404, or a docker list is silently
    /// replaced by its linux/amd64 child (distribution's manifests.go).
    static let acceptManifests =
        "Accept: application/vnd.oci.image.index.v1+json, "
        + "application/vnd.docker.distribution.manifest.list.v2+json, "
        + "application/vnd.oci.image.manifest.v1+json, "
        + "application/vnd.docker.distribution.manifest.v2+json"

    /// Requests a child: bounds what one curl holds in memory.
    private static let batch = 200

    /// Whether the registry's API answers.
    ///
    /// - Returns: nil when it does, else why not.
    public func problem() async throws -> String? {
        let response = try await curl.send([HTTPRequest(.get, baseURL + "/v2/")])[0]
        guard response.isSuccess else { return RegistryClient.reason(response) }
        guard
            response.headers["docker-distribution-api-version"] != nil
                || response.body.trimmingSpace == "{}"
        else {
            return "what answers there is no image registry"
        }
        return nil
    }

    /// The digests that the registry serves now for these manifests, without their content.
    ///
    /// - Throws: `InvocationError` when curl cannot run; what a registry answers never throws.
    public func digests(of names: [ManifestName]) async throws
        -> [ManifestName: RegistryAnswer<Digest>]
    {
        let answers = try await ask(.head, names) { response in
            response.headers["docker-content-digest"].flatMap { try? Digest($0) }
        }
        // The header is optional in the OCI specification: without it the body is hashed.
        let withoutHeader = names.filter { answers[$0] == .unknown(RegistryClient.unusable) }
        guard !withoutHeader.isEmpty else { return answers }
        let bodies = try await ask(.get, withoutHeader) { response in
            // The page of some other server has a digest too, but one that means nothing.
            RegistryClient.manifest(in: response).flatMap { _ in
                try? Digest("sha256:" + SHA256.hex(response.body))
            }
        }
        return answers.merging(bodies) { _, new in new }
    }

    /// The manifests or indexes themselves.
    ///
    /// - Throws: `InvocationError` when curl cannot run; what a registry answers never throws.
    public func manifests(_ names: [ManifestName]) async throws
        -> [ManifestName: RegistryAnswer<ManifestDocument>]
    {
        try await ask(.get, names) { RegistryClient.manifest(in: $0) }
    }

    /// The manifest or index in a body; nil when it is something else.
    private static func manifest(in response: HTTPResponse) -> ManifestDocument? {
        let document = try? JSONDecoder().decode(ManifestDocument.self, from: response.body)
        return document.flatMap { $0.config != nil || $0.isIndex ? $0 : nil }
    }

    private static let unusable = "the answer is not what a registry sends"

    /// Asks for every name, repeats what failed on the server's side, and reads the answers.
    private func ask<Value: Sendable & Equatable>(
        _ method: HTTPRequest.Method, _ names: [ManifestName],
        read: (HTTPResponse) -> Value?
    ) async throws -> [ManifestName: RegistryAnswer<Value>] {
        var answers: [ManifestName: RegistryAnswer<Value>] = [:]
        var open = Array(Set(names)).sorted {
            ($0.repository, $0.reference) < ($1.repository, $1.reference)
        }
        // registry:2 answers 500 to a read of a manifest that is being pushed again just then.
        for pause in [Duration.milliseconds(150), .milliseconds(400), nil] {
            var again: [ManifestName] = []
            for start in stride(from: 0, to: open.count, by: RegistryClient.batch) {
                let batch = Array(open[start..<min(start + RegistryClient.batch, open.count)])
                let responses = try await curl.send(batch.map { request(method, $0) })
                for (name, response) in zip(batch, responses) {
                    answers[name] = RegistryClient.answer(response, read)
                    if response.status >= 500 { again.append(name) }
                }
            }
            guard !again.isEmpty, let pause else { break }
            try await Task.sleep(for: pause)
            open = again
        }
        return answers
    }

    private func request(_ method: HTTPRequest.Method, _ name: ManifestName) -> HTTPRequest {
        HTTPRequest(
            method, "\(baseURL)/v2/\(name.repository)/manifests/\(name.reference)",
            headers: [RegistryClient.acceptManifests])
    }

    private static func answer<Value: Sendable & Equatable>(
        _ response: HTTPResponse, _ read: (HTTPResponse) -> Value?
    ) -> RegistryAnswer<Value> {
        if response.failure == nil && response.status == 404 { return .missing }
        guard response.isSuccess else { return .unknown(reason(response)) }
        return read(response).map { .found($0) } ?? .unknown(unusable)
    }

    /// Why a response is no answer, in words.
    static func reason(_ response: HTTPResponse) -> String {
        if let failure = response.failure { return failure }
        switch response.status {
        case 401, 403: return "the registry refuses access (HTTP \(response.status))"
        case 404: return "the registry has no such thing (HTTP 404)"
        case 500...: return "the registry failed (HTTP \(response.status))"
        default: return "HTTP \(response.status)"
        }
    }
}

extension Data {
    /// The bytes as text without white space at its ends.
    fileprivate var trimmingSpace: String { String(decoding: self, as: UTF8.self).trimmingSpace }
}
