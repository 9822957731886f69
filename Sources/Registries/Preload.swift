import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// What was put where, so that pods start without other registries.
public struct PreloadReport: Codable, Sendable, Equatable {
    /// An image.
    public struct Image: Codable, Sendable, Equatable {
        /// Its full name, as containerd keeps it.
        public var reference: String
        /// Whether it was pushed to our registry now; it had it already otherwise.
        public var isPushed: Bool
        /// The nodes that got it now; the others had it.
        public var loaded: [String]
    }

    /// All images that were asked for.
    public var images: [Image]

    /// What was done, in a few words for each image.
    package var changes: [String] {
        images.filter { $0.isPushed || !$0.loaded.isEmpty }.map { "preloaded \($0.reference)" }
    }
}

/// Puts images of other registries into ours and into the nodes, under their own names.
///
/// Nodes pull them from our registry, which shares layers and survives the cluster, and keep them
/// under the names that manifests use: a new cluster needs no network for them.
public struct Preload: Sendable {
    let session: Session
    let images: [ImageReference]

    /// Preloads these images; `spec.preload` for an empty list.
    ///
    /// - Throws: `DevClusterError` for an image without a tag.
    public init(session: Session, images: [ImageReference] = []) throws {
        self.session = session
        let chosen = images.isEmpty ? session.configuration.preload : images
        self.images = try chosen.map { reference in
            guard reference.digest == nil else {
                throw DevClusterError(
                    .usage,
                    "the image \(reference) is named by digest, which a copy in another registry"
                        + " need not have", hint: "name it by its tag")
            }
            return reference.normalized
        }
    }

    /// The repository in our registry that all copies are below.
    static let folder = "preload"

    /// The name of the copy in our registry: `preload/docker.io/library/busybox:1.36`.
    private func copy(_ image: ImageReference) -> ManifestName {
        let host = (image.registry ?? RegistryHost.dockerHub.description)
            .map { $0 == ":" ? "-" : $0 }
        return ManifestName(
            repository: "\(Preload.folder)/\(String(host))/\(image.path)",
            reference: (image.effectiveTag ?? .latest).description)
    }

    /// Names as nodes keep them that these nodes do not have; nil when one cannot be read.
    package func missing(on nodes: [String]) async -> [String]? {
        guard let report = try? await NodeImages(session: session).read(nodes),
            report.problems.isEmpty
        else { return nil }
        let wanted = images.map { NodeImages.name(of: $0.description) }
        return wanted.filter { name in
            !report.nodes.allSatisfy { $0.images.contains { $0.tags.contains(name) } }
        }
    }

    /// Does it.
    ///
    /// - Throws: `DevClusterError` or `InvocationError`, naming the image; what is done stays.
    public func run() async throws -> PreloadReport {
        guard !images.isEmpty else {
            throw DevClusterError(
                .usage, "there is nothing to preload",
                hint: "name images, or list them in spec.preload")
        }
        try session.requireOurCluster(for: "devcluster registry preload")
        try session.requireOurRegistry(for: "devcluster registry preload")
        try await session.requireCluster()
        var report = PreloadReport(images: [])
        let served = try await session.registry.digests(of: images.map(copy))
        let held = try await NodeImages(session: session).read()
        guard !held.nodes.isEmpty else { throw session.noNodes }
        for image in images {
            let copy = copy(image)
            let isServed = served[copy]?.value != nil
            if !isServed { try await push(image, copy) }
            let name = NodeImages.name(of: image.description)
            // A copy that is new is newer than what nodes may have under the name.
            let open = held.nodes.filter { node in
                !isServed || !node.images.contains { $0.tags.contains(name) }
            }.map(\.node)
            if !open.isEmpty { try await load(name, copy, into: open) }
            report.images.append(
                .init(reference: name, isPushed: !isServed, loaded: open))
        }
        if let problem = held.problems.first {
            throw DevClusterError(
                .failed, "node \(problem.node) got no images: \(problem.reason)",
                hint: "devcluster up")
        }
        return report
    }

    private func push(_ image: ImageReference, _ copy: ManifestName) async throws {
        let reference = "\(session.place.registryHost)/\(copy.repository):\(copy.reference)"
        try await session.activity.step("copy \(image) to the registry") { step in
            if try await !session.engine.hasImage(image.description) {
                step.progress("pulling \(image)")
                try await session.engine.pull(image: image.description)
            }
            try await session.engine.tag(image: image.description, as: reference)
            let folder =
                FileManager.default.temporaryDirectory.path
                + "/devcluster-preload-\(UInt64.random(in: 0...UInt64.max))"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try AtomicFile.makeFolder(folder)
            _ = try await session.engine.push(
                reference, digestFile: "\(folder)/digest",
                deadline: session.configuration.timeouts.push.duration)
            try await session.engine.remove(image: reference)
        }
    }

    /// Pulls the copy and gives it the name that manifests use.
    private func load(_ name: String, _ copy: ManifestName, into nodes: [String]) async throws {
        let reference = "\(session.place.registryHost)/\(copy.repository):\(copy.reference)"
        try await session.activity.step("load \(name)") { _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes {
                    group.addTask {
                        let ctr = Ctr(node: Node(name: node, engine: session.engine))
                        try await ctr.load(reference, as: name)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
