import ChildProcess
import Tools
import Vocabulary

/// What a program said before it ended: the last lines of its log.
struct RolloutEvidence: Sendable {
    let kubectl: Kubectl
    let namespace: String

    /// The last lines of the container that ended, without control characters; none where there
    /// is no log (any more).
    ///
    /// - Parameter isRunning: whether the container was started anew since.
    func log(of problem: RolloutProblem, isRunning: Bool, lines: Int = 5) async throws -> [String] {
        guard let pod = problem.pod, let which = problem.log(isRunning: isRunning) else {
            return []
        }
        return try await self.lines(
            of: pod, container: problem.container, which: which, count: lines
        ).map { ShownText.line($0, limit: 200) }
    }

    /// Which start of a container is meant.
    enum Start {
        /// The one that runs.
        case current
        /// The one that ended last; none runs.
        case ended
        /// The one before that which runs.
        case previous
    }

    /// The last lines of a container's log as they are; none where there is no log (any more).
    func lines(of pod: String, container: String?, which: Start, count: Int) async throws
        -> [String]
    {
        let choices =
            switch which {
            case .current: [false]
            // It may have been started anew a moment ago.
            case .ended: [false, true]
            case .previous: [true]
            }
        for isPrevious in choices {
            let found = try await read(pod, container, isPrevious: isPrevious, count)
                .suffix(count)
            if !found.isEmpty { return found.map(String.init) }
        }
        return []
    }

    private func read(_ pod: String, _ container: String?, isPrevious: Bool, _ count: Int)
        async throws -> [Substring]
    {
        do {
            let outcome = try await kubectl.log(
                of: "pod/\(pod)", container: container, lines: count, isPrevious: isPrevious,
                namespace: namespace, deadline: .seconds(10))
            guard outcome.succeeded else { return [] }
            return outcome.text.split(whereSeparator: \.isNewline)
                .filter { !KubeletText.noLog.begins($0) }
        } catch let error as InvocationError where error.reason != .cancelled {
            // The reason is worth saying without the program's words too.
            return []
        }
    }
}

extension RolloutProblem {
    /// The start of its program that says something of it; nil for none.
    fileprivate func log(isRunning: Bool) -> RolloutEvidence.Start? {
        switch kind {
        case .crash, .execFormat: isRunning ? .previous : .ended
        case .locked(let lock) where lock.crash == nil: container == nil ? nil : .current
        case .locked: isRunning ? .previous : .ended
        case .initializing: .current
        // What it does instead of getting ready.
        case .probe: container == nil ? nil : .current
        default: nil
        }
    }
}
