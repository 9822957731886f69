import ChildProcess
import StateFiles
import SystemLibraries
import Vocabulary

/// What an image is built from.
package struct ImageBuildRequest: Sendable, Equatable {
    /// The reference the image gets, with its tag.
    package var reference: String
    /// Absolute path of the context folder.
    package var context: String
    /// Absolute path of the Containerfile.
    package var containerfile: String
    /// Stage to build; nil is the last.
    package var target: String?
    /// Build arguments.
    package var buildArguments: [String: String]
    /// Images that stand for what the Containerfile names.
    package var bases: [NamedContext] = []
    /// Whether layers of earlier builds may be used.
    package var usesCache: Bool
    /// Absolute path of a file that gets the image's ID; nil when nobody needs it.
    package var imageIDFile: String?
    /// Absolute path of an empty folder that cache mounts are made in; nil for those of earlier
    /// builds.
    package var cacheMounts: String? = nil

    package init(
        reference: String, context: String, containerfile: String, target: String? = nil,
        buildArguments: [String: String], bases: [NamedContext] = [], usesCache: Bool,
        imageIDFile: String? = nil, cacheMounts: String? = nil
    ) {
        self.reference = reference
        self.context = context
        self.containerfile = containerfile
        self.target = target
        self.buildArguments = buildArguments
        self.bases = bases
        self.usesCache = usesCache
        self.imageIDFile = imageIDFile
        self.cacheMounts = cacheMounts
    }
}

/// An image that a Containerfile names, and the one that is meant.
package struct NamedContext: Sendable, Hashable {
    /// What stands in the Containerfile: `$BASE`.
    package var text: String
    /// The reference which that is: `base`.
    package var reference: String
    /// The image that is used for it.
    package var image: String

    package init(text: String, reference: String, image: String) {
        self.text = text
        self.reference = reference
        self.image = image
    }
}

extension Engine {
    /// Builds an image.
    ///
    /// - Parameter onOutput: gets what the build prints as it comes.
    /// - Throws: `InvocationError` when the build fails.
    @discardableResult
    package func run(
        build request: ImageBuildRequest, deadline: Duration, onOutput: OutputHandler? = nil
    ) async throws -> Outcome {
        let build = build(request, deadline: deadline)
        for _ in 0..<2 {
            let outcome = try await runner.run(build, onOutput: onOutput)
            // Somebody removed an image while the cache was looked through: it is just not there.
            guard !outcome.succeeded, EngineText.lostLayer.isIn(outcome.errorText) else {
                return try outcome.checked()
            }
        }
        return try await runner.run(build, onOutput: onOutput).checked()
    }

    /// Describes a build; nothing starts yet.
    func build(_ request: ImageBuildRequest, deadline: Duration) -> Invocation {
        var arguments = ["build", "--tag", request.reference, "--file", request.containerfile]
        if let target = request.target { arguments += ["--target", target] }
        for (name, value) in request.buildArguments.sorted(by: { $0.key < $1.key }) {
            arguments += ["--build-arg", "\(name)=\(value)"]
        }
        let contexts = request.bases.flatMap { base in
            dialect.contextNames(of: base).map { "\($0)=docker-image://\(base.image)" }
        }
        for context in Set(contexts).sorted() { arguments += ["--build-context", context] }
        if !request.usesCache { arguments.append("--no-cache") }
        if let file = request.imageIDFile { arguments += ["--iidfile", file] }
        var build = invocation(
            arguments + [request.context], deadline: deadline, effect: .changes)
        build.environment.merge(dialect.buildEnvironment) { $1 }
        if let variable = dialect.cacheMountFolder, let folder = request.cacheMounts {
            build.environment[variable] = folder
        }
        return build
    }

    /// Fetches an image from its registry.
    ///
    /// - Parameter usesTLS: whether the registry has to prove who it is.
    /// - Throws: `InvocationError` when it cannot be had.
    package func pull(image reference: String, usesTLS: Bool = true) async throws {
        try await run(
            ["pull"] + (usesTLS ? [] : dialect.withoutTLS) + [reference], deadline: .seconds(900),
            effect: .changes
        ).checked()
    }

    /// Removes a folder that builds had their cache mounts in. Best effort: it only takes space.
    package func remove(cacheMounts folder: String) async {
        try? FileManager.default.removeItem(atPath: folder)
        guard FileManager.default.fileExists(atPath: folder) else { return }
        await dialect.remove(cacheMounts: folder, of: self)
    }

    /// Whether an image of this reference is on the host.
    package func hasImage(_ reference: String) async throws -> Bool {
        try await run(["image", "inspect", "--format", "{{.Id}}", reference]).succeeded
    }

    /// Pushes an image, with the login that the engine keeps where the registry wants one.
    ///
    /// - Parameter usesTLS: whether the registry has to prove who it is; our own, on loopback,
    ///   speaks plain HTTP.
    /// - Returns: the digest that the engine says it pushed; nil when it says none, or in a dry run.
    /// - Throws: `InvocationError` when the push fails.
    package func push(
        _ reference: String, digestFile: String, deadline: Duration, usesTLS: Bool = false
    ) async throws -> String? {
        var arguments = ["push"] + (usesTLS ? [] : dialect.withoutTLS)
        if dialect.hasDigestFile { arguments += ["--digestfile", digestFile] }
        let outcome = try await run(arguments + [reference], deadline: deadline, effect: .changes)
            .checked()
        guard !outcome.isSkipped else { return nil }
        guard dialect.hasDigestFile else { return Engine.pushedDigest(outcome.text) }
        guard let data = try WholeFile.read(digestFile) else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingSpace
    }

    /// The digest in docker's last line: `TAG: digest: sha256:… size: 528`.
    static func pushedDigest(_ output: String) -> String? {
        output.split(whereSeparator: \.isNewline).reversed().lazy.compactMap { line in
            line.split(separator: EngineText.pushed.words).last.flatMap { rest in
                line.contains(EngineText.pushed.words)
                    ? rest.split(separator: " ").first.map(String.init) : nil
            }
        }.first
    }

    /// Gives a local image another reference.
    ///
    /// - Throws: `InvocationError` when there is no such image.
    package func tag(image reference: String, as other: String) async throws {
        try await run(["tag", reference, other], effect: .changes).checked()
    }

    /// Removes a local reference; the image itself goes with its last one.
    package func remove(image reference: String) async throws {
        try await run(["rmi", reference], effect: .changes)
    }

    /// A name of an image on the host.
    package struct TaggedImage: Sendable, Equatable {
        /// With its tag.
        package var reference: String
        /// Bytes unpacked, rounded as the engine rounds; layers that images share are in each.
        package var bytes: BoundedInteger
    }

    /// The images on the host that have a tag, one entry a tag.
    ///
    /// - Parameter repositories: only these, with their host; all for an empty list.
    /// - Throws: `DevClusterError` when the engine does not work.
    package func taggedImages(_ repositories: [String] = []) async throws -> [TaggedImage] {
        let filters = repositories.flatMap { ["--filter", "reference=\($0)"] }
        let outcome = try await run(
            ["images"] + filters + ["--format", "{{.Repository}}:{{.Tag}} {{.Size}}"])
        guard outcome.succeeded else { throw broken(outcome) }
        return outcome.text.split(whereSeparator: \.isNewline).compactMap { line in
            guard let space = line.firstIndex(of: " "), !EngineText.none.isIn(line) else {
                return nil
            }
            return TaggedImage(
                reference: String(line[..<space]), bytes: HumanSize.bytes(line[space...]))
        }
    }

    /// Removes names of images on the host, and what has no other name.
    ///
    /// Without force: the last name of an image that a container uses stays.
    /// - Returns: the names that are gone.
    package func remove(images references: [String]) async throws -> [String] {
        let outcome = try await run(["rmi"] + references, deadline: .seconds(60), effect: .changes)
        let gone = Set(
            outcome.text.split(whereSeparator: \.isNewline).compactMap {
                EngineText.untagged.rest(of: $0)
            })
        return references.filter(gone.contains)
    }
}

/// Sizes as engines print them: `2.13 MB`, `512B`.
enum HumanSize {
    /// The bytes, as far as the text tells; 0 when it is no size.
    static func bytes(_ text: some StringProtocol) -> BoundedInteger {
        let text = String(text.filter { !$0.isWhitespace })
        let number = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(number.count).uppercased()
        guard let value = Double(number), value.isFinite,
            let power = ["B", "KB", "MB", "GB", "TB"].firstIndex(of: unit)
        else { return 0 }
        return BoundedInteger((0..<power).reduce(value) { value, _ in value * 1000 })
    }
}
