import ChildProcess
import SystemLibraries
import Vocabulary

/// The `crictl` program inside a node.
package struct Crictl: Sendable {
    /// The node, as a runner.
    let node: any Runner

    /// crictl inside the node.
    package init(node: any Runner) {
        self.node = node
    }

    /// The images of the node and its containers, running or not, in one run.
    ///
    /// - Throws: `InvocationError` when the node does not run, has no crictl, or its containerd
    ///   does not answer; `DevClusterError` when what it prints is not crictl's JSON.
    package func contents() async throws -> CrictlContents {
        // A NUL cannot be in JSON. Without `info` only the sandbox image's name is missing.
        let script = """
            crictl images --output json && printf '\\000' &&
            crictl ps --all --output json && printf '\\000' && { crictl info || true; }
            """
        let outcome = try await node.run(Invocation("sh", ["-c", script])).checked()
        let parts = outcome.output.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3,
            let images = try? JSONDecoder().decode(CrictlImages.self, from: parts[0]),
            let containers = try? JSONDecoder().decode(CrictlContainers.self, from: parts[1])
        else {
            throw DevClusterError(
                .failed, "crictl printed something that is not the expected JSON")
        }
        let info = try? JSONDecoder().decode(CrictlInfo.self, from: parts[2])
        return CrictlContents(
            images: images.images, containers: containers.containers,
            sandboxImage: info?.config?.sandboxImage)
    }
}

/// What a node holds, as crictl says it.
package struct CrictlContents: Sendable {
    package var images: [CrictlImages.Image]
    package var containers: [CrictlContainers.Container]
    /// The reference of the image under every pod; nil where crictl does not say it.
    package var sandboxImage: String?
}

/// The output of `crictl images`.
package struct CrictlImages: Decodable, Sendable {
    package struct Image: Decodable, Sendable {
        /// Digest of the configuration.
        package var id: Digest
        package var repoTags: [String]?
        package var repoDigests: [String]?
        /// Bytes, as decimal digits: what was downloaded, not what it takes when unpacked.
        package var size: String?
        /// Older versions do not print it.
        package var pinned: Bool?
    }
    var images: [Image]
}

/// The output of `crictl ps`.
package struct CrictlContainers: Decodable, Sendable {
    package struct Image: Decodable, Sendable { package var image: String? }
    package struct Container: Decodable, Sendable {
        /// What the container was made from: an ID with containerd 1.6, a name elsewhere.
        package var image: Image?
        /// What was resolved: an ID, or `repository@digest`.
        package var imageRef: String?
        /// Since crictl 1.31, and there empty with an older containerd.
        package var imageId: String?
        /// `CONTAINER_RUNNING`, `CONTAINER_EXITED`, …
        package var state: String?
        package var labels: [String: String]?
    }
    var containers: [Container]
}

/// The output of `crictl info`, which is the runtime's own.
private struct CrictlInfo: Decodable {
    struct Config: Decodable { var sandboxImage: String? }
    var config: Config?
}
