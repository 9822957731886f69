import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a workload's rollout ended.
public struct RolloutResult: Codable, Sendable, Equatable {
    /// The workload, as `deployment/web`.
    public var workload: String
    /// What was reached, as `2/2`.
    public var state: String
    /// Seconds from the apply.
    public var seconds: Double
}

/// Waits for rollouts, and says why one does not end as soon as the cluster knows it.
struct RolloutWait: Sendable {
    let session: Session
    let namespace: String
    let deadline: Duration

    /// Waits for all of them at once, on fresh reads.
    ///
    /// - Returns: how each ended, and the read that showed it.
    /// - Throws: `DevClusterError` with every workload's reason, as soon as one cannot end well.
    func run(_ workloads: [WorkloadReference]) async throws
        -> (results: [RolloutResult], objects: RolloutObjects)
    {
        guard !workloads.isEmpty, !session.isDryRun else {
            return ([], RolloutObjects(workloads: [], pods: []))
        }
        let name = workloads.count == 1 ? "\(workloads[0])" : "\(workloads.count) workloads"
        return try await session.activity.step("rollout of \(name)") { step in
            try await follow(workloads, step)
        }
    }

    private func follow(_ workloads: [WorkloadReference], _ step: ActivityStep) async throws
        -> (results: [RolloutResult], objects: RolloutObjects)
    {
        let start = ContinuousClock.now
        var results: [WorkloadReference: RolloutResult] = [:]
        var clocks = ProblemClocks()
        var failures = ReadFailures()
        while true {
            let now = ContinuousClock.now
            if let objects = try await failures.attempt({
                try await RolloutObjects.read(
                    session.kubectl, namespace: namespace, for: workloads)
            }) {
                for workload in workloads {
                    let state = try await judge(workload, objects, &clocks, step)
                    if case .complete(let text) = state {
                        results[workload] =
                            results[workload]
                            ?? RolloutResult(
                                workload: "\(workload)", state: text,
                                seconds: (ContinuousClock.now - start).inSeconds)
                    } else {
                        results[workload] = nil
                    }
                }
                if results.count == workloads.count {
                    return (workloads.compactMap { results[$0] }, objects)
                }
            }
            guard now - start < deadline else { throw timeout(workloads, results, clocks) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func judge(
        _ reference: WorkloadReference, _ objects: RolloutObjects, _ clocks: inout ProblemClocks,
        _ step: ActivityStep
    ) async throws -> RolloutState {
        guard let workload = objects.workload(reference) else {
            throw DevClusterError(
                .failed, "\(reference) is gone from namespace \(namespace)",
                hint: "somebody deleted it while it was rolled out; deploy again")
        }
        let state = RolloutState.judge(workload)
        if case .complete = state { return state }
        let problem = objects.currentPods(of: workload).lazy
            .compactMap { PodProblem.find(in: $0) }.first
        if let problem {
            let isNew = clocks.isNew(problem, of: reference)
            if let verdict = try await hopeless(problem, age: clocks.age(problem, of: reference)) {
                throw DevClusterError(
                    .failed, describe(problem, of: reference),
                    hint: verdict + "; 'kubectl --context \(session.place.context) --namespace"
                        + " \(namespace) describe pod \(problem.pod)' shows more")
            }
            if isNew { session.activity.report(.warning(describe(problem, of: reference))) }
        } else {
            clocks.clear(reference)
        }
        switch state {
        case .failed(let reason):
            throw DevClusterError(.failed, "\(reference): \(ShownText.line(reason))")
        case .progressing(let text):
            step.progress("\(reference): \(problem?.reason ?? text)")
        case .complete: break
        }
        return state
    }

    /// What to do when waiting cannot help any more; nil while it can.
    private func hopeless(_ problem: PodProblem, age: Duration) async throws -> String? {
        switch problem.kind {
        case .imagePull(let image):
            if let reason = try await registryRefusal(image) { return reason }
            return age > .seconds(30) ? "it did not change in 30 s" : nil
        case .invalidImage: return "correct the image's name"
        case .containerConfiguration:
            return age > .seconds(10) ? "create what is missing and deploy again" : nil
        case .crashLoop(let restarts):
            return restarts >= 4 ? "see its log with 'kubectl logs --previous'" : nil
        case .unschedulable:
            return age > .seconds(30) ? "no node took it for 30 s" : nil
        case .other: return nil
        }
    }

    /// The registry's own word on an image of ours: containerd's message may only speak of its
    /// last attempt, a refused connection.
    private func registryRefusal(_ image: String) async throws -> String? {
        guard let reference = try? ImageReference(image), let host = reference.registry,
            session.place.registryNames.contains(host)
        else { return nil }
        let tag = reference.digest?.description ?? reference.effectiveTag?.description ?? "latest"
        let name = ManifestName(repository: reference.path, reference: tag)
        let answer = try await session.registry.digests(of: [name])[name]
        return answer == .missing ? "the registry has no \(reference.path):\(tag)" : nil
    }

    private func describe(_ problem: PodProblem, of workload: WorkloadReference) -> String {
        let container = problem.container.map { ", container \($0)" } ?? ""
        let message = problem.message.isEmpty ? "" : ": \(ShownText.line(problem.message))"
        return "\(workload) (pod \(problem.pod)\(container)): \(problem.reason)\(message)"
    }

    private func timeout(
        _ workloads: [WorkloadReference], _ results: [WorkloadReference: RolloutResult],
        _ clocks: ProblemClocks
    ) -> DevClusterError {
        let open = workloads.filter { results[$0] == nil }.map { workload in
            clocks.last(of: workload).map { describe($0, of: workload) } ?? "\(workload)"
        }
        return DevClusterError(
            .deadline,
            "not rolled out after \(HumanDuration(deadline)): " + open.joined(separator: "; "),
            hint: "see 'kubectl --context \(session.place.context) --namespace \(namespace)"
                + " get pods'; spec.timeouts.rollout allows more time")
    }
}

/// Since when each workload has had the same problem.
private struct ProblemClocks {
    private var since: [WorkloadReference: (PodProblem, ContinuousClock.Instant)] = [:]
    private var reported: Set<String> = []

    /// Whether this was not said yet: a back-off repeats the error that came before it.
    mutating func isNew(_ problem: PodProblem, of workload: WorkloadReference) -> Bool {
        if let (known, _) = since[workload], known.family == problem.family {
            since[workload]?.0 = problem
        } else {
            since[workload] = (problem, .now)
        }
        return reported.insert("\(workload) \(problem.family)").inserted
    }

    func age(_ problem: PodProblem, of workload: WorkloadReference) -> Duration {
        since[workload].map { ContinuousClock.now - $0.1 } ?? .zero
    }

    func last(of workload: WorkloadReference) -> PodProblem? { since[workload]?.0 }

    mutating func clear(_ workload: WorkloadReference) { since[workload] = nil }
}

extension PodProblem {
    /// What two moments of one problem have in common.
    fileprivate var family: String {
        switch kind {
        case .imagePull(let image): "pull \(image)"
        case .crashLoop: "crash \(container ?? "")"
        default: "\(reason) \(container ?? "")"
        }
    }
}
