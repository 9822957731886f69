import ChildProcess
import SystemLibraries
import Vocabulary

/// What a registry holds under tags, as its API tells it.
package struct RegistryContents: Sendable, Equatable {
    /// A repository that has tags.
    package struct Repository: Sendable, Equatable {
        /// Its name, without the registry's host.
        package var name: String
        /// What each tag names: a manifest or an index.
        package var tags: [String: Digest]
    }

    /// The repositories that have tags, sorted by name.
    package var repositories: [Repository] = []
    /// Manifests and indexes, those that an index lists included.
    package var documents: [Digest: ManifestDocument] = [:]
    /// Tags, as `repository:tag`, whose manifest the registry does not have.
    package var brokenTags: [String] = []
}

extension RegistryClient {
    /// The names of all repositories, also of those whose last tag was deleted.
    ///
    /// - Throws: `DevClusterError` when the registry does not say.
    package func repositories() async throws -> [String] {
        // Without the field it is not the list: an empty one would make everything look deleted.
        struct Page: Decodable { var repositories: [String] }
        let first = try await responses(to: [request(.get, "/v2/_catalog?n=500")])[0]
        let answer = try await pages(from: first) { response in
            (try? JSONDecoder().decode(Page.self, from: response.body))?.repositories
        }
        return try sure(answer, of: "its repositories").sorted()
    }

    /// What these repositories hold.
    ///
    /// - Parameter others: further manifests whose content is wanted: those that no tag names.
    /// - Throws: `DevClusterError` when the registry does not say all of it: half of it would
    ///   make something in use look unused.
    package func contents(of repositories: [String], and others: [ManifestName] = []) async throws
        -> RegistryContents
    {
        var contents = RegistryContents()
        let lists = try await ask(repositories.map { .tags(repository: $0) }).tags
        var names: [ManifestName] = []
        for repository in repositories {
            // 404: its last tag was deleted
            let tags = try lists[repository].flatMap {
                try answered($0, of: "the tags of '\(repository)'")
            }
            names += (tags ?? []).map { ManifestName(repository: repository, reference: $0) }
        }
        let digests = try await ask(names.map { .digest($0) }).digests
        var byRepository: [String: [String: Digest]] = [:]
        for name in names {
            let tag = "\(name.repository):\(name.reference)"
            if let digest = try digests[name].flatMap({ try answered($0, of: "'\(tag)'") }) {
                byRepository[name.repository, default: [:]][name.reference] = digest
            } else {
                contents.brokenTags.append(tag)
            }
        }
        contents.repositories = byRepository.sorted { $0.key < $1.key }
            .map { RegistryContents.Repository(name: $0.key, tags: $0.value) }
        let tagged = contents.repositories.flatMap { repository in
            Set(repository.tags.values).map { ManifestName(repository.name, $0) }
        }
        contents.documents = try await documents(tagged + others)
        return contents
    }

    /// Manifests and indexes by digest, with all that the indexes list; what is missing is absent.
    private func documents(_ names: [ManifestName]) async throws -> [Digest: ManifestDocument] {
        var documents: [Digest: ManifestDocument] = [:]
        var asked: Set<String> = []
        var open = names
        while !open.isEmpty {
            // One content is the same in all repositories, and an index may even list itself.
            open = open.filter { asked.insert($0.reference).inserted }
            guard asked.count <= listLimits.entries else {
                throw DevClusterError(
                    .failed,
                    "the registry at \(baseURL) has more than \(listLimits.entries) manifests")
            }
            let answers = try await ask(open.map { .manifest($0) }).manifests
            var next: [ManifestName] = []
            for name in open {
                guard let answer = answers[name], let digest = try? Digest(name.reference),
                    let document = try answered(answer, of: name.reference)
                else { continue }
                documents[digest] = document
                next += (document.manifests ?? []).map { ManifestName(name.repository, $0.digest) }
            }
            open = next
        }
        return documents
    }

    /// Deletes manifests by digest; one that is gone already is no error.
    ///
    /// A registry drops every tag of a manifest that is deleted.
    /// - Throws: `DevClusterError` naming the first that the registry refuses to delete.
    package func delete(_ manifests: [ManifestName]) async throws {
        try await change(manifests.map { ($0, request(.delete, $0.path)) }, accepts: [202, 404])
    }

    /// Takes tags away from manifests that stay under other names.
    ///
    /// Registry 2 cannot delete a tag (it answers 400), so each one is moved to a manifest of
    /// its own first, which is then deleted; the image is the same as the one it had, so that
    /// nothing has to be uploaded.
    /// - Parameter tags: each with the configuration of the image it names.
    package func untag(_ tags: [(name: ManifestName, configuration: ManifestDocument.Descriptor)])
        async throws
    {
        let markers = tags.map { RegistryClient.marker($0.name, $0.configuration) }
        let type = "Content-Type: application/vnd.oci.image.manifest.v1+json"
        try await change(
            zip(tags, markers).map { tag, marker in
                (
                    tag.name,
                    HTTPRequest(.put, baseURL + tag.name.path, headers: [type], body: marker)
                )
            }, accepts: [201, 202])
        try await delete(
            zip(tags, markers).compactMap { tag, marker in
                (try? Digest("sha256:" + SHA256.hex(Data(marker.utf8))))
                    .map { ManifestName(tag.name.repository, $0) }
            })
    }

    /// A manifest that nothing else can be: it names the tag that it takes the place of.
    private static func marker(
        _ name: ManifestName, _ configuration: ManifestDocument.Descriptor
    ) -> String {
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
        "config":{"mediaType":"application/vnd.oci.image.config.v1+json",\
        "digest":"\(configuration.digest)","size":\(configuration.size ?? 0)},"layers":[],\
        "annotations":{"devcluster.dev/removed-tag":"\(name.reference)"}}
        """
    }

    private func change(
        _ requests: [(name: ManifestName, request: HTTPRequest)], accepts: Set<Int>
    ) async throws {
        let size = 200
        for start in stride(from: 0, to: requests.count, by: size) {
            let batch = requests[start..<min(start + size, requests.count)]
            let responses = try await curl.send(
                batch.map(\.request), effect: .changes, deadline: .seconds(120))
            for ((name, request), response) in zip(batch, responses)
            where response.failure != nil || !accepts.contains(response.status) {
                throw DevClusterError(
                    .failed,
                    "the registry at \(baseURL) did not \(request.method.rawValue)"
                        + " '\(name.repository):\(name.reference)': "
                        + (response.status == 405
                            ? "it does not allow deleting images"
                            : RegistryClient.reason(response)),
                    hint: "devcluster up")
            }
        }
    }

    /// What was answered, nil for 404.
    private func answered<Value>(_ answer: RegistryAnswer<Value>, of what: String) throws -> Value?
    {
        if case .missing = answer { return nil }
        return try sure(answer, of: what)
    }

    private func sure<Value>(_ answer: RegistryAnswer<Value>, of what: String) throws -> Value {
        switch answer {
        case .found(let value): return value
        case .missing:
            throw DevClusterError(.failed, "the registry at \(baseURL) has no list of \(what)")
        case .unknown(let reason):
            throw DevClusterError(
                .failed, "the registry at \(baseURL) does not say \(what): \(reason)",
                hint: remedy)
        }
    }
}
