import ChildProcess
import Sessions
import Tools
import Vocabulary

/// What is said of a rollout: while it goes on, when it is given up, and when it is interrupted.
extension RolloutWait {
    /// The beginning of a command line for the user.
    private func kubectl(_ other: String? = nil) -> String {
        "kubectl --context \(session.place.context) --namespace \(other ?? namespace)"
    }

    /// The beginning of a command line about a problem.
    private func kubectl(_ problem: RolloutProblem) -> String { kubectl(problem.namespace) }

    /// A message with lines of evidence below it.
    package static func text(_ message: String, _ lines: [String]) -> String {
        ([message] + lines.map { "  | \($0)" }).joined(separator: "\n")
    }

    /// What is said of a problem while its workload is waited for, with the cure where the user
    /// has to bring it.
    func told(
        _ problem: RolloutProblem, of workload: WorkloadReference, _ lines: [String],
        isCleared: Bool
    ) -> String {
        let text = RolloutWait.text(problem.description(of: "\(workload)"), lines)
        let remedy = isCleared ? "" : problem.remedy(kubectl(problem))
        return remedy.isEmpty ? text : "\(text)\n  → \(remedy)"
    }

    /// Shows how far a workload is, where that is not shown yet.
    func show(
        _ workload: WorkloadReference, _ problem: RolloutProblem?,
        _ state: RolloutProgress.State, _ course: inout RolloutCourse, _ step: ActivityStep
    ) {
        guard
            let change = course.change(
                of: workload, problem: problem, state: state,
                remedy: problem.map { $0.remedy(kubectl($0)) }, at: clock.now())
        else { return }
        step.report(change)
        let done = course.workloads.count - course.open.count
        let total = course.workloads.count
        step.progress(
            total > 1 ? "\(done) of \(total) complete" : "\(workload): \(change.detail)")
    }

    /// What the program said before it ended.
    func log(of problem: RolloutProblem, _ objects: RolloutObjects) async throws -> [String] {
        let place = problem.namespace ?? namespace
        let home = problem.namespace ?? objects.home
        let pod = objects.pods.first {
            $0.metadata.name == problem.pod && (home == nil || $0.metadata.namespace == home)
        }
        let status =
            ((pod?.status?.initContainerStatuses ?? [])
            + (pod?.status?.containerStatuses ?? [])).first { $0.name == problem.container }
        return try await RolloutEvidence(kubectl: session.kubectl, namespace: place)
            .log(of: problem, isRunning: status?.state?.running != nil)
    }

    /// The problem with the registry's own word on an image of ours: containerd's message may
    /// only speak of its last attempt, a refused connection.
    func askingRegistry(_ problem: RolloutProblem, _ course: inout RolloutCourse) async throws
        -> RolloutProblem
    {
        guard case .imagePull(let image, let said) = problem.kind,
            let reference = try? ImageReference(image),
            let repository = session.place.repository(of: reference)
        else { return problem }
        if course.pulls[image] == nil {
            let tag =
                reference.digest?.description ?? reference.effectiveTag?.description ?? "latest"
            let name = ManifestName(repository: repository, reference: tag)
            course.pulls[image] =
                switch try await session.registry.digests(of: [name])[name] {
                case .missing: .notFound
                // What opens the registry to us need not open it to the nodes.
                case _ where session.place.externalRegistry != nil: said
                case .found: .other
                case .unknown, nil: .unreachable
                }
        }
        var problem = problem
        problem.kind = .imagePull(image, course.pulls[image] ?? .other)
        return problem
    }

    /// The error when waiting cannot help any more.
    func givenUp(
        _ workload: WorkloadReference, _ problem: RolloutProblem, _ lines: [String],
        after age: Duration?, _ course: inout RolloutCourse, _ step: ActivityStep
    ) -> DevClusterError {
        show(workload, problem, .failed, &course, step)
        var message = problem.description(of: "\(workload)")
        if case .unchanged? = age.map({ _ in RolloutPatience(problem) }), let age {
            message += ", unchanged for \(age.components.seconds) s"
        }
        let cleared =
            course.cleared.contains(workload)
            ? ["its lock was cleared before, so this has another reason"] : []
        return DevClusterError(
            .failed, RolloutWait.text(message, lines + cleared + others(than: workload, course)),
            hint: problem.remedy(kubectl(problem)))
    }

    /// The error when the workload's own controller gave up, or nothing moves it.
    func failed(
        _ workload: WorkloadReference, _ words: String, _ problem: RolloutProblem?,
        _ lines: [String], _ course: inout RolloutCourse, _ step: ActivityStep
    ) -> DevClusterError {
        show(workload, problem, .failed, &course, step)
        let found = problem.map { [$0.description(of: "\(workload)")] } ?? []
        return DevClusterError(
            .failed,
            RolloutWait.text(
                "\(workload): \(ShownText.line(words))",
                found + lines + others(than: workload, course)),
            hint: problem.map { $0.remedy(kubectl($0)) })
    }

    /// What else is wrong, so that it need not be found one deploy after the other.
    private func others(than workload: WorkloadReference, _ course: RolloutCourse) -> [String] {
        course.open.filter { $0 != workload }.compactMap { other in
            course.clocks.problem(of: other).map { "also " + $0.description(of: "\(other)") }
        }
    }

    /// The error for a workload that is not there any more.
    func gone(_ workload: WorkloadReference) async throws -> DevClusterError {
        let reader = RolloutReader(
            kubectl: session.kubectl, namespace: namespace, workloads: [workload])
        let place = workload.namespace ?? namespace
        if try await reader.ends(place) { return namespaceIsGone(place) }
        return DevClusterError(
            .failed, "\(workload.local) is gone from namespace \(place)",
            hint: "somebody deleted it while it was rolled out; deploy again")
    }

    /// The error for a namespace that is being deleted.
    func namespaceIsGone(_ namespace: String) -> DevClusterError {
        DevClusterError(
            .failed, "namespace \(namespace) is being deleted, with everything in it",
            hint: "somebody deleted it during the rollout; deploy again: that waits until the old"
                + " one is gone")
    }

    /// The error when the deadline passed.
    func timeout(_ course: RolloutCourse) async throws -> DevClusterError {
        var lines: [String] = []
        let remedies = course.open.compactMap { workload in
            course.clocks.problem(of: workload).map { $0.remedy(kubectl($0)) }
        }
        let remedy =
            remedies.first { !$0.isEmpty }
            ?? "see '\(kubectl(course.open.first?.namespace)) get pods'"
        for workload in course.open {
            let problem = course.clocks.problem(of: workload)
            let log =
                if let problem {
                    try await log(of: problem, course.seen)
                } else {
                    try await lastLines(of: workload, course.seen)
                }
            lines += course.open.count > 1 ? log.map { "\(workload): \($0)" } : log
        }
        return DevClusterError(
            // A program that ends again and again is known to fail, however short the time was.
            course.crashes ? .failed : .deadline,
            RolloutWait.text(
                "not rolled out after \(HumanDuration(deadline)): "
                    + open(course).joined(separator: "; "), lines),
            hint: remedy + "; spec.timeouts.rollout allows more time")
    }

    /// What a Job, or a pod, that just does not end has said last.
    private func lastLines(of workload: WorkloadReference, _ objects: RolloutObjects) async throws
        -> [String]
    {
        guard workload.kind == .job || workload.kind == .pod && waitsForEnd,
            let job = objects.workload(workload),
            let pod = objects.currentPods(of: job).last(where: { !$0.isBeingDeleted })
        else { return [] }
        return try await RolloutEvidence(
            kubectl: session.kubectl, namespace: workload.namespace ?? namespace
        ).lines(of: pod.metadata.name, container: nil, which: .current, count: 5)
            .map { ShownText.line($0, limit: 200) }
    }

    /// The error when the API has been silent for too long.
    func silent(_ course: RolloutCourse, _ error: DevClusterError) -> DevClusterError {
        DevClusterError(
            .failed,
            RolloutWait.text(
                "\(error.message) during the rollout; what was seen last:", open(course)),
            hint: "devcluster up; then the same command again goes on", cause: error.cause)
    }

    /// What is not complete, and why.
    private func open(_ course: RolloutCourse) -> [String] {
        course.open.map { workload in
            course.clocks.problem(of: workload)?.description(of: "\(workload)")
                ?? "\(workload): \(course.state(of: workload))"
        }
    }

    /// The error of a wait that the user ended: in what state each workload was left.
    func interrupted(_ course: RolloutCourse) -> DevClusterError {
        let lines = course.workloads.map { workload in
            let problem = course.clocks.problem(of: workload)
            let state =
                course.results[workload].map { "complete, \($0.state)" }
                ?? problem.map { "\(course.state(of: workload)); \($0.reason)" }
                ?? "\(course.state(of: workload)); the cluster goes on with it"
            return "\(workload): \(state)"
        }
        return DevClusterError(
            .interrupted,
            RolloutWait.text("interrupted while the rollout was waited for", lines),
            hint: "everything was applied; the same command again waits for the rest and"
                + " verifies it; '\(kubectl()) rollout undo WORKLOAD' goes back")
    }
}
