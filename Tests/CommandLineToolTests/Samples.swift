import ChildProcess
import SystemLibraries
import Testing

@testable import CommandLineTool
@testable import Forwards
@testable import Images
@testable import Verification
@testable import Vocabulary

/// Text without colour, as it is when the output is no terminal.
let plain = TextStyle(hasColor: false)

/// `sha256:` and the two characters repeated.
func digest(_ pair: String) throws -> Vocabulary.Digest {
    try Digest("sha256:" + String(repeating: pair, count: 32))
}

/// A container with its verdict; the digests are given by their two repeated characters.
func judged(
    _ pod: String, _ container: String = "web", image: String = "localhost:5001/web:dev-1",
    namespace: String = "shop", runs: String? = "aa", served: String? = "aa",
    verdict: ImageVerdict = .match, reason: String? = nil
) throws -> JudgedContainer {
    let running = try runs.map(digest)
    return JudgedContainer(
        subject: ContainerImage(
            namespace: namespace, pod: pod, container: container, role: .container,
            node: "shop-worker", image: image,
            imageID: running.map { "localhost:5001/web@\($0)" } ?? "",
            pullPolicy: "IfNotPresent"),
        verdict: verdict, running: running, served: try served.map(digest), reason: reason)
}

/// An image that was built and pushed.
func builtImage(_ name: String, digest: Vocabulary.Digest?) -> BuiltImage {
    BuiltImage(
        name: name, reference: "localhost:5001/\(name):dev-1", tag: "dev-1",
        imageID: digest?.description ?? "", digest: digest, buildSeconds: 0.26, pushSeconds: 12.4,
        isUnchanged: false)
}

/// A forward to `svc/NAME` on port 8080.
func forward(_ name: String, state: ForwardStatus.State = .running, age: Double = 75)
    -> ForwardStatus
{
    ForwardStatus(
        forward: ForwardRecord(
            name: name, context: "kind-shop", namespace: "shop", target: "svc/\(name)",
            address: "127.0.0.1", port: 8080, targetPort: "http", origin: .configured,
            request: "1", state: state, arguments: [],
            startedAt: Date(timeIntervalSince1970: 0), restarts: 2, connections: 7,
            bytesSent: 1000, bytesReceived: 2_000_000, lastError: nil),
        state: state, age: age)
}
