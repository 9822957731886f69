import ChildProcess

/// One `kubectl port-forward` to one pod, on a port of its own.
final class ForwardChild {
    let destination: ClusterView.Destination
    let arguments: [String]
    private let child: PipedChild
    private var rest = ""

    /// The port kubectl listens on, once it says so.
    private(set) var port: Int?
    /// What it complained of last.
    private(set) var complaint: String?
    /// Connections that it said never reached the pod's program, and that were not repeated yet.
    var refusals = 0
    /// Whether the pod's program took a connection; before that only one at a time is tried.
    var isProven = false

    /// Starts it.
    ///
    /// - Throws: `InvocationError` when kubectl cannot be started.
    init(
        _ kubectl: SupervisedKubectl, namespace: String, to destination: ClusterView.Destination
    ) throws {
        self.destination = destination
        arguments = kubectl.arguments(
            KubectlForward.arguments(pod: destination.pod.name, port: destination.port),
            namespace: namespace)
        child = try kubectl.spawn(arguments)
    }

    deinit { child.kill() }

    var pod: KubectlWatch.Item { destination.pod }
    var process: ProcessIdentity { child.process }
    var descriptor: Int32 { child.descriptor }
    var hasEnded: Bool { child.hasEnded }

    /// Ends it.
    func end() { child.kill() }

    /// Reads what it says.
    ///
    /// - Returns: the lines worth keeping.
    func readOutput() -> [String] {
        rest += String(decoding: child.read(), as: UTF8.self)
        var lines = rest.split(separator: "\n", omittingEmptySubsequences: false)
        rest = hasEnded ? "" : String(lines.removeLast().suffix(4096))
        return lines.compactMap { line in
            if let port = KubectlForward.port(line) { self.port = port }
            guard !KubectlForward.isNormal(line) else { return nil }
            if KubectlForward.isRefusal(line) { refusals += 1 }
            let shown = ShownText.line(String(line))
            complaint = shown
            return shown
        }
    }
}

/// kubectl as the supervisor starts it: long-lived, marked, with its output in a pipe.
struct SupervisedKubectl {
    /// The whole environment of its children.
    var environment: [String: String]
    /// Where to: `--kubeconfig … --context …`.
    var place: [String]

    /// The arguments of a run.
    func arguments(_ arguments: [String], namespace: String? = nil) -> [String] {
        place + (namespace.map { ["--namespace", $0] } ?? []) + arguments
    }

    /// Starts kubectl.
    func spawn(_ arguments: [String]) throws -> PipedChild {
        try spawnPiped("kubectl", arguments, environment: environment)
    }
}
