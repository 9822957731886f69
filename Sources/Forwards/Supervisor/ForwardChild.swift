import ChildProcess
import SystemLibraries
import Tools

/// One `kubectl port-forward` to one pod, on a port of its own.
final class ForwardChild {
    let destination: ClusterView.Destination
    let arguments: [String]
    private let child: PipedChild
    private var lines = LineReader(limit: 4096)
    /// Bytes that it printed since it last told of work that it has: that it listens, and of each
    /// connection that was made to it.
    private var noise = 0
    /// What a kubectl may print without doing anything.
    private static let noiseLimit = 1 << 20

    /// The port kubectl listens on, once it says so.
    private(set) var port: Int?
    /// What it complained of last.
    private(set) var complaint: String?
    /// Connections that it said never reached the pod's program, and that were not repeated yet.
    var refusals = 0
    /// Connections that were made to it.
    var connected = 0
    /// Connections that it said it had taken.
    private(set) var handled = 0
    /// Connections that were answered, and are over.
    var answered = 0
    /// Whether the pod's program took a connection; before that only one at a time is tried.
    var isProven = false
    /// Whether the program answered the last probe.
    var isWell = false

    /// Starts it.
    ///
    /// - Throws: `InvocationError` when kubectl cannot be started.
    init(
        _ kubectl: SupervisedKubectl, namespace: String, to destination: ClusterView.Destination
    ) throws {
        self.destination = destination
        let started = try kubectl.forward(
            to: destination.pod.name, port: destination.port, namespace: namespace)
        (arguments, child) = (started.arguments, started.child)
    }

    deinit { child.kill() }

    var pod: KubectlWatch.Item { destination.pod }
    var process: ProcessIdentity { child.process }
    var descriptors: [Int32] { child.descriptors }
    var hasEnded: Bool { child.hasEnded }

    /// Waits a moment until it says something, or ends.
    func waitForOutput() {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&polled, nfds_t(polled.count), 20)
    }

    /// Reads what it says.
    ///
    /// - Returns: the lines worth keeping.
    func readOutput() -> [String] {
        let bytes = child.read()
        noise += bytes.count
        var said = lines.take(bytes)
        if hasEnded, let last = lines.end() { said.append(last) }
        if noise > ForwardChild.noiseLimit {
            child.kill()
            said = ["kubectl prints without end, and was ended"]
        }
        return said.compactMap { line in
            if let port = KubectlForward.port(line) {
                if self.port == nil { noise = 0 }
                self.port = port
            }
            if KubectlForward.isHandling(line) {
                handled += 1
                if handled <= connected { noise = 0 }
            }
            guard !KubectlForward.isNormal(line) else { return nil }
            if KubectlForward.isRefusal(line) { refusals += 1 }
            let shown = KubectlForward.complaint(line)
            complaint = shown
            return shown
        }
    }
}
