import ChildProcess

/// What a program said before it ended: the last lines of its log.
struct RolloutEvidence: Sendable {
    let kubectl: Kubectl
    let namespace: String

    /// The last lines of the container that ended, without control characters; none where there
    /// is no log (any more).
    ///
    /// - Parameter isRunning: whether the container was started anew since.
    func log(of problem: RolloutProblem, isRunning: Bool, lines: Int = 5) async throws -> [String] {
        guard let pod = problem.pod, problem.hasLog else { return [] }
        var arguments = ["logs", "pod/\(pod)", "--tail", "\(lines)"]
        if let container = problem.container { arguments += ["--container", container] }
        // Without --previous kubectl gives the one that ended last, as long as none runs; it may
        // have been started anew a moment ago.
        for more in isRunning ? [["--previous"]] : [[], ["--previous"]] {
            let found = try await read(arguments + more).suffix(lines)
            if !found.isEmpty { return found.map { ShownText.line(String($0), limit: 200) } }
        }
        return []
    }

    private func read(_ arguments: [String]) async throws -> [Substring] {
        do {
            let outcome = try await kubectl.run(
                arguments, namespace: namespace, deadline: .seconds(10))
            guard outcome.succeeded else { return [] }
            // The kubelet says so in place of a log that is gone already.
            return outcome.text.split(whereSeparator: \.isNewline)
                .filter { !$0.hasPrefix("unable to retrieve container logs for ") }
        } catch let error as InvocationError where error.reason != .cancelled {
            // The reason is worth saying without the program's words too.
            return []
        }
    }
}

extension RolloutProblem {
    /// Whether its program ran, and may have said why it ended.
    fileprivate var hasLog: Bool {
        switch kind {
        case .crash, .execFormat: true
        default: false
        }
    }
}
