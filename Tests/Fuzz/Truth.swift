import Foundation

@testable import Tools
@testable import Vocabulary

/// What tools print of a cluster in good health, so that commands come far before they are lied to.
enum Truth {
    /// The cluster's nodes, as podman inspects them.
    static let nodes: [Container] = Samples.files(
        "podman-4.3.1-inspect-control-plane", "podman-4.3.1-inspect-worker"
    ).compactMap { (try? JSONDecoder().decode([Container].self, from: $0))?.first }

    private static let inspected = Dictionary(
        Samples.files(
            "podman-4.3.1-inspect-control-plane", "podman-4.3.1-inspect-worker",
            "podman-4.3.1-inspect-running"
        ).compactMap { data -> (String, JSONValue)? in
            guard let container = (try? JSONValue(parsing: data))?[0],
                let name = container["Name"]?.string
            else { return nil }
            return (name, container)
        }, uniquingKeysWith: { first, _ in first })

    private static let manifest =
        Samples.files("registry-2.8.2-manifest-1").first ?? Data()
    private static let rollouts = Samples.files(
        "kubectl-1.32.4-kubernetes-1.20.2-locks", "kubectl-1.32.4-kubernetes-1.20.2-images",
        "kubectl-1.32.4-kubernetes-1.20.2-rollout-settled",
        "kubectl-1.32.4-kubernetes-1.20.2-rollout-started")
    private static let nodeLists = Samples.files("kubectl-1.32.4-kubernetes-1.20.2-nodes")
    private static let namespaces = Samples.files(
        "kubectl-1.32.4-kubernetes-1.20.2-namespace-terminating")
    private static let disk = Samples.files("registry-2.8.2-disk")
    private static let info = Samples.files("podman-4.3.1-info")

    /// What the script in a node prints that reads all of crictl.
    static let crictl: [Data] = {
        let images = Samples.files("crictl-1.32.0-containerd-1.6.20-im")
        let containers = Samples.files("crictl-1.32.0-containerd-1.6.20-ps")
        let info = Samples.files("crictl-1.32.0-containerd-1.6.20-info").first ?? Data()
        return zip(images, containers).map { $0 + Data([0]) + $1 + Data([0]) + info }
    }()

    /// What a run prints, found by words of its command line; nil where nothing is recorded.
    static func output(_ words: String, _ random: inout FuzzRandom) -> Data? {
        func has(_ word: String) -> Bool { words.contains(word) }
        if has(" inspect --type container ") {
            let known = inspected.keys.sorted().filter(has).compactMap { inspected[$0] }
            return try? JSONValue.array(known).encoded()
        }
        if has("annotate --local") {
            return random.isOne(in: 5) ? random.pick(rollouts) : manifest(of: "hello")
        }
        if has(" ps --all --filter label=") {
            let format = words.split(separator: "--format ").last ?? ""
            return Data(
                nodes.map { node in
                    let role = node.name.hasSuffix("worker") ? "worker" : "control-plane"
                    let parts = format.hasPrefix("{{.Names}}") ? [node.name] : []
                    let labels = ["devcluster-demo", role]
                    let count = format.split(separator: "{{").count - parts.count
                    return (parts + labels.prefix(count)).joined(separator: " ") + "\n"
                }.joined().utf8)
        }
        if has("crictl images") { return random.pick(crictl) }
        if has("blobs -name data") { return random.pick(disk) }
        if has("podman info") { return random.pick(info) }
        if has("deployments") || has("pods") { return random.pick(rollouts) }
        if has("nodes") { return random.pick(nodeLists) }
        if has("get namespace ") { return random.pick(namespaces) }
        return nil
    }

    /// A Deployment of an image, as kubectl reads it from a manifest.
    private static func manifest(of image: String) -> Data {
        Data(
            (#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"fine"},"spec":{"#
                + #""selector":{"matchLabels":{"app":"fine"}},"template":{"metadata":{"labels":{"#
                + #""app":"fine"}},"spec":{"containers":[{"name":"a","image":""# + image
                + #""}]}}}}"# + "\n").utf8)
    }

    /// What a registry with one repository and one tag answers.
    static func body(_ url: Substring) -> Data {
        if url.contains("/_catalog") { return Data(#"{"repositories":["web"]}"#.utf8) }
        if url.contains("/tags/list") { return Data(#"{"name":"web","tags":["1"]}"#.utf8) }
        return url.contains("/manifests/") ? manifest : Data("{}".utf8)
    }

    /// The headers of an answer with this body.
    static func headers(_ body: Data) -> String {
        "HTTP/1.1 200 OK\r\nDocker-Distribution-Api-Version: registry/2.0\r\n"
            + "Docker-Content-Digest: sha256:\(SHA256.hex(body))\r\n\r\n"
    }
}
