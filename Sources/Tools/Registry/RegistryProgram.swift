import ChildProcess
import SystemLibraries
import Vocabulary

/// What lies on a registry's disk, where its API does not tell: it lists tags only.
package struct RegistryDisk: Sendable, Equatable {
    /// Manifests and indexes by repository, also those that no tag names.
    package var manifests: [String: Set<Digest>] = [:]
    /// Those of them that were pushed more than an hour ago.
    package var oldManifests: [String: Set<Digest>] = [:]
    /// The tags that it has.
    package var tags: Set<ManifestName> = []
    /// Sizes in bytes of everything that is stored: manifests, configurations and layers.
    package var blobs: [Digest: BoundedInteger] = [:]
}

/// The `registry` program (CNCF distribution), as it runs in a registry's container.
package struct RegistryProgram: Sendable {
    let engine: Engine
    /// The registry's container.
    package let container: Container
    /// Where it keeps its images.
    let storage: RegistryStorage

    package init(engine: Engine, container: Container, storage: RegistryStorage) {
        self.engine = engine
        self.container = container
        self.storage = storage
    }

    /// The name of the container that collects garbage while the registry's own is stopped.
    package var collector: String { RegistryProgram.collector(of: container.name) }

    /// The name of the container that collects this registry's garbage.
    package static func collector(of registry: String) -> String {
        "\(registry)-garbage-collection"
    }

    /// Where registry:2 and registry:3 keep their data.
    package static let dataPath = "/var/lib/registry"
    private static let root = "\(RegistryProgram.dataPath)/docker/registry/v2"
    private static let separator = "--"

    /// Lists what is stored, in one run inside the registry's container.
    ///
    /// The layout is the same from registry 2.0 to 3.0:
    /// `repositories/NAME/_manifests/revisions/sha256/HEX/link`,
    /// `repositories/NAME/_manifests/tags/TAG/current/link` and `blobs/sha256/XX/HEX/data`.
    /// - Throws: `DevClusterError` when the container cannot say.
    package func disk() async throws -> RegistryDisk {
        let links = "find repositories -path '*/_manifests/revisions/sha256/*/link'"
        let script = """
            cd \(RegistryProgram.root) 2>/dev/null || exit 0
            \(links)
            echo \(RegistryProgram.separator)
            \(links) -mmin +60
            echo \(RegistryProgram.separator)
            find repositories -path '*/_manifests/tags/*/current/link'
            find blobs -name data -exec stat -c '%s %n' {} +
            """
        let outcome = try await engine.run(
            ["exec", container.name, "sh", "-c", script], deadline: .seconds(60))
        guard outcome.succeeded else {
            throw DevClusterError(
                .failed, "the registry '\(container.name)' does not say what is stored in it",
                hint: "try '\(engine.name.rawValue) exec \(container.name) ls"
                    + " \(RegistryProgram.dataPath)'",
                cause: InvocationError(
                    .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput))
        }
        return RegistryDisk(listing: outcome.text)
    }

    /// Deletes what no manifest refers to; the registry's own container must be stopped.
    ///
    /// A container of its own on the same storage: nothing can be pushed meanwhile. While the
    /// registry runs, its cache would go on claiming blobs that were deleted, so that a push
    /// of the same image says it is done and leaves a tag without a manifest (registry 2.8.2).
    /// Without `--delete-untagged`, which in registry 2 also deletes the manifests of an index.
    /// - Returns: bytes on disk before and after; nil in a dry run.
    /// - Throws: `InvocationError` with the program's words when it fails.
    package func collectGarbage(labels: [String: String]) async throws -> (
        before: BoundedInteger, after: BoundedInteger
    )? {
        let script = """
            du -sk \(RegistryProgram.dataPath) || exit
            for file in /etc/docker/registry/config.yml /etc/distribution/config.yml; do
              if [ -f $file ]; then
                registry garbage-collect $file >/dev/null || exit
                du -sk \(RegistryProgram.dataPath)
                exit
              fi
            done
            echo 'no configuration file of a registry' >&2
            exit 1
            """
        var arguments = ["run", "--rm", "--name", collector, "--network", "none"]
        arguments += ["--volume", "\(storage.source):\(RegistryProgram.dataPath)"]
        arguments += ContainerSpec.arguments(labels: labels)
        arguments += ["--entrypoint", "sh", container.image, "-c", script]
        let outcome = try await engine.run(
            arguments, deadline: .seconds(600), effect: .changes
        ).checked()
        guard !outcome.isSkipped else { return nil }
        // `5312	/var/lib/registry`, in units of 1024 bytes
        let sizes = outcome.text.split(whereSeparator: \.isNewline).compactMap { line in
            line.split(whereSeparator: \.isWhitespace).first.flatMap { BoundedInteger($0) }
        }
        guard let first = sizes.first, let last = sizes.last, sizes.count == 2 else {
            throw DevClusterError(
                .failed, "'du' in \(container.image) printed something else than sizes")
        }
        return (first.multiplied(by: 1024), last.multiplied(by: 1024))
    }
}

extension RegistryDisk {
    /// Reads the three lists that `RegistryProgram.disk` prints; other lines are left out.
    init(listing: String) {
        self.init()
        var part = 0
        for line in listing.split(whereSeparator: \.isNewline) {
            if line == "--" {
                part += 1
            } else if part < 2 {
                guard let (repository, digest) = RegistryDisk.manifest(line) else { continue }
                if part == 0 {
                    manifests[repository, default: []].insert(digest)
                } else {
                    oldManifests[repository, default: []].insert(digest)
                }
            } else if let tag = RegistryDisk.tag(line) {
                tags.insert(tag)
            } else if let (digest, size) = RegistryDisk.blob(line) {
                blobs[digest] = size
            }
        }
    }

    /// Reads `repositories/team/web/_manifests/revisions/sha256/HEX/link`.
    private static func manifest(_ line: Substring) -> (String, Digest)? {
        guard line.hasPrefix("repositories/"),
            let middle = line.firstRange(of: "/_manifests/revisions/sha256/")
        else { return nil }
        let repository = line[..<middle.lowerBound].dropFirst("repositories/".count)
        let hex = line[middle.upperBound...].prefix { $0 != "/" }
        return (try? Digest("sha256:\(hex)")).map { (String(repository), $0) }
    }

    /// Reads `repositories/team/web/_manifests/tags/TAG/current/link`.
    private static func tag(_ line: Substring) -> ManifestName? {
        guard line.hasPrefix("repositories/"), line.hasSuffix("/current/link"),
            let middle = line.firstRange(of: "/_manifests/tags/")
        else { return nil }
        return ManifestName(
            repository: String(line[..<middle.lowerBound].dropFirst("repositories/".count)),
            reference: String(line[middle.upperBound...].dropLast("/current/link".count)))
    }

    /// Reads `123 blobs/sha256/ab/HEX/data`.
    private static func blob(_ line: Substring) -> (Digest, BoundedInteger)? {
        let words = line.split(separator: " ")
        guard words.count == 2, let size = BoundedInteger(words[0]) else { return nil }
        let parts = words[1].split(separator: "/")
        guard parts.count == 5, let digest = try? Digest("sha256:\(parts[3])") else { return nil }
        return (digest, size)
    }
}
