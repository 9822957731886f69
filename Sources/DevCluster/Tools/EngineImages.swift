import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an image is built from.
public struct ImageBuildRequest: Sendable, Equatable {
    /// The reference the image gets, with its tag.
    public var reference: String
    /// Absolute path of the context folder.
    public var context: String
    /// Absolute path of the Containerfile.
    public var containerfile: String
    /// Stage to build; nil is the last.
    public var target: String?
    /// Build arguments.
    public var buildArguments: [String: String]
    /// Whether layers of earlier builds may be used.
    public var usesCache: Bool
    /// Absolute path of a file that gets the image's ID; nil when nobody needs it.
    public var imageIDFile: String?
}

extension Engine {
    /// Describes a build; nothing starts yet.
    func build(_ request: ImageBuildRequest, deadline: Duration) -> Invocation {
        var arguments = ["build", "--tag", request.reference, "--file", request.containerfile]
        if let target = request.target { arguments += ["--target", target] }
        for (name, value) in request.buildArguments.sorted(by: { $0.key < $1.key }) {
            arguments += ["--build-arg", "\(name)=\(value)"]
        }
        if !request.usesCache { arguments.append("--no-cache") }
        if let file = request.imageIDFile { arguments += ["--iidfile", file] }
        return invocation(
            arguments + [request.context], deadline: deadline, effect: .changes)
    }

    /// Whether an image of this reference is on the host.
    public func hasImage(_ reference: String) async throws -> Bool {
        try await run(["image", "inspect", "--format", "{{.Id}}", reference]).succeeded
    }

    /// Pushes to our own registry, which speaks plain HTTP on loopback.
    ///
    /// - Returns: what the engine says it pushed; nil when it cannot say (docker), or in a dry run.
    /// - Throws: `InvocationError` when the push fails.
    public func push(_ reference: String, digestFile: String, deadline: Duration) async throws
        -> String?
    {
        var arguments = ["push"] + dialect.insecurePush
        if dialect.hasDigestFile { arguments += ["--digestfile", digestFile] }
        let outcome = try await run(arguments + [reference], deadline: deadline, effect: .changes)
            .checked()
        guard dialect.hasDigestFile, !outcome.isSkipped else { return nil }
        guard let data = FileManager.default.contents(atPath: digestFile) else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingSpace
    }

    /// Removes a local reference; the image itself goes with its last one.
    public func remove(image reference: String) async throws {
        try await run(["rmi", reference], effect: .changes)
    }
}
