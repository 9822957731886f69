import ChildProcess

/// kubectl as the supervisor of forwards starts it: long-lived, marked, with its output in a pipe.
package struct SupervisedKubectl {
    /// The whole environment of its children.
    let environment: [String: String]
    /// Where to: `--kubeconfig … --context …`.
    let place: [String]

    /// - Parameter kubeconfig: nil means what its environment names.
    package init(environment: [String: String], context: String, kubeconfig: String?) {
        self.environment = environment
        place = (kubeconfig.map { ["--kubeconfig", $0] } ?? []) + ["--context", context]
    }

    /// A kubectl that was started, and its arguments.
    package struct Started {
        package let arguments: [String]
        package let child: PipedChild
    }

    /// Forwards a port of its own choice, on this machine only, to a pod's.
    ///
    /// - Throws: `InvocationError` when kubectl cannot be started.
    package func forward(to pod: String, port: Int, namespace: String) throws -> Started {
        try start(["--namespace", namespace] + KubectlForward.arguments(pod: pod, port: port))
    }

    /// Follows the pods; `KubectlWatch` reads what it prints.
    package func watch() throws -> PipedChild { try start(KubectlWatch.watch).child }

    /// Reads everything that a forward can lead to; `KubectlWatch` reads what it prints.
    package func list() throws -> PipedChild { try start(KubectlWatch.list).child }

    private func start(_ arguments: [String]) throws -> Started {
        let arguments = place + arguments
        return Started(
            arguments: arguments,
            child: try spawnPiped("kubectl", arguments, environment: environment))
    }

    /// Whether a command line is one of these; of what a wrapper called `kubectl` runs, the end
    /// tells.
    package static func isStarted(as command: [String]) -> Bool {
        guard let context = command.lastIndex(of: "--context") else { return false }
        var rest = command[context...].dropFirst(2)
        if rest.first == "--namespace" { rest = rest.dropFirst(2) }
        return KubectlForward.isOurs(rest) || KubectlWatch.isOurs(rest)
    }
}
