import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary
import Workloads

/// Applies objects to the cluster, through kubectl.
struct ManifestApplier: Sendable {
    let session: Session
    /// Where objects are applied that name no namespace.
    let namespace: String
    /// Everything that is deployed, also what is not applied here; by default what is.
    var set: [JSONValue] = []
    var clock = WaitClock.continuous

    /// What was done.
    struct Applied: Sendable {
        /// What kubectl said of each object.
        var lines: [String]
        /// The API's warnings, which are reported already.
        var warnings: [APIWarning]
        /// The objects that got their name from the API server, with it.
        var created: [JSONValue]
    }

    /// Applies objects that stand in their order: in one call, unless some have to be at work
    /// before others can be applied, or are of a special kind.
    ///
    /// What passes by itself is tried again.
    /// - Throws: `DevClusterError` that says what was applied, what was not, and why.
    func apply(_ objects: [JSONValue]) async throws -> Applied {
        let set = set.isEmpty ? objects : set
        let guards = ObjectGuards(set, namespace: namespace)
        var ledger = ApplyLedger(objects, namespace: namespace)
        let waves = ApplyWaves(objects, guards: guards).waves
        for (index, wave) in waves.enumerated() {
            if index > 0 {
                try await awaitDefinitions(waves[index - 1], ledger)
                try await awaitRollouts(guards.workloads(behind: wave), ledger)
            }
            for call in try ApplyCall.calls(for: wave, namespace: namespace) {
                try await run(call, &ledger, among: set)
            }
        }
        return done(ledger)
    }

    /// Makes an object that must not be there yet.
    ///
    /// - Throws: `DevClusterError` when it is, or is refused.
    func create(_ object: JSONValue) async throws -> Applied {
        var ledger = ApplyLedger([object], namespace: namespace)
        let isMine = ManifestObject(object).namespace.map { $0 == namespace } ?? true
        let call = ApplyCall(
            objects: [object], way: .create, namespace: isMine ? namespace : nil)
        try await run(call, &ledger, among: set.isEmpty ? [object] : set)
        return done(ledger)
    }

    private func done(_ ledger: ApplyLedger) -> Applied {
        ledger.warnings.forEach { session.activity.report(.warning($0.text)) }
        return Applied(
            lines: ledger.lines, warnings: ledger.warnings, created: ledger.created)
    }

    /// Runs a call, and others after it for what it could not do, until everything is applied.
    private func run(
        _ first: ApplyCall, _ ledger: inout ApplyLedger, among set: [JSONValue]
    ) async throws {
        var call = first
        var patience = ApplyPatience(
            rollout: session.configuration.timeouts.rollout.duration, clock: clock)
        while true {
            let attempt = try await send(call, &ledger)
            guard !attempt.missing.isEmpty || !attempt.refused.isEmpty else { return }
            let (others, rest) = try await otherWays(for: attempt.refused, of: call)
            let passing = rest.compactMap {
                PassingRefusal($0, among: set.map { ManifestObject($0) })
            }
            let isAllKnown = attempt.refused.count == attempt.missing.count
            guard isAllKnown, passing.count == rest.count else {
                throw try await ApplyError(session: session, namespace: namespace)
                    .describing(attempt, ledger)
            }
            for other in others { try await run(other, &ledger, among: set) }
            guard !rest.isEmpty else { return }
            say(patience.news(passing), rest)
            if let time = patience.exhausted(passing) {
                throw try await ApplyError(session: session, namespace: namespace, tried: time)
                    .describing(attempt, ledger)
            }
            try await patience.wait()
            call.objects = rest.compactMap(\.object)
        }
    }

    private func send(_ call: ApplyCall, _ ledger: inout ApplyLedger) async throws -> ApplyAttempt {
        let outcome = try await session.kubectl.submit(
            call.objects, by: call.way, namespace: call.namespace)
        let attempt = ApplyAttempt(call.objects, outcome)
        ledger.add(attempt, of: call)
        if var error = session.kubectl.silence(outcome) {
            error.message = RolloutWait.text(error.message, ledger.summary(isCertain: false))
            throw error
        }
        let warnings = try await APIWarnings(kubectl: session.kubectl, namespace: call.namespace)
            .attributed(outcome.errorText, to: attempt.applied)
        ledger.add(warnings.filter { !KubectlWarnings.lacksCopy($0.message) })
        try await removeLeftFields(
            of: attempt.applied, named: warnings.filter { KubectlWarnings.lacksCopy($0.message) },
            as: call)
        return attempt
    }

    /// Lets the API server remove what server-side apply had set of objects that were too large for
    /// kubectl's copy, are not any more, and so lost nothing in this apply.
    private func removeLeftFields(
        of objects: [JSONValue], named warnings: [APIWarning], as call: ApplyCall
    ) async throws {
        let names = Set(warnings.compactMap(\.object))
        let left = objects.filter { names.contains(ManifestObject($0).description) }
        guard !left.isEmpty else { return }
        // The values are those of the moment before, so there is nobody to be overruled.
        _ = try session.kubectl.answered(
            await session.kubectl.submit(
                left, by: .applyOnServer(isForced: true), namespace: call.namespace))
    }

    /// The calls that can do what this one could not, and the refusals that no other way mends.
    private func otherWays(for refused: [ApplyAttempt.Refused], of call: ApplyCall) async throws
        -> (calls: [ApplyCall], rest: [ApplyAttempt.Refused])
    {
        var calls: [ApplyCall] = []
        var rest: [ApplyAttempt.Refused] = []
        for one in refused {
            guard let object = one.object else {
                rest.append(one)
                continue
            }
            var other = call
            other.objects = [object]
            if one.refusal.isTooLongForAnnotation, call.way == .apply {
                other.way = .applyOnServer(isForced: false)
            } else if one.refusal.isTooLongForAnnotation, !call.isHandedOver,
                try await session.kubectl.handOverFields(
                    of: ManifestObject(object), namespace: call.namespace ?? place(of: object))
            {
                other.isHandedOver = true
            } else if one.refusal.isFieldConflict, call.way == .applyOnServer(isForced: false) {
                session.activity.report(
                    .warning(
                        "\(ManifestObject(object).shownName): \(one.refusal.conflicts);"
                            + " as with every apply, the manifest's value replaces it"))
                other.way = .applyOnServer(isForced: true)
            } else {
                rest.append(one)
                continue
            }
            calls.append(other)
        }
        return (calls, rest)
    }

    private func place(of object: JSONValue) -> String? {
        let object = ManifestObject(object)
        return object.builtIn?.isClusterScoped == true ? nil : object.namespace ?? namespace
    }

    /// Says what is tried again, once for each reason.
    private func say(
        _ news: [PassingRefusal: Duration], _ refused: [ApplyAttempt.Refused]
    ) {
        guard let time = news.values.max(), let first = refused.first else { return }
        let name = first.object.map { "\(ManifestObject($0).shownName): " } ?? ""
        let more = refused.count > 1 ? " (and \(counted(refused.count - 1, "object")) more)" : ""
        session.activity.report(
            .note(
                "\(name)\(first.refusal.text)\(more); that passes by itself, tried again for up to"
                    + " \(HumanDuration(time))"))
    }

    /// Waits for what the API will ask about the next objects: a program that does not come up is
    /// told with its reason, where the API would just refuse the objects.
    private func awaitRollouts(
        _ workloads: [String: [WorkloadReference]], _ ledger: ApplyLedger
    ) async throws {
        for (place, references) in workloads.sorted(by: { $0.key < $1.key }) {
            do {
                _ = try await RolloutWait(
                    session: session, namespace: place,
                    deadline: session.configuration.timeouts.rollout.duration, clock: clock
                ).run(references)
            } catch var error as DevClusterError where error.code != .interrupted {
                error.message = RolloutWait.text(error.message, ledger.summary)
                throw error
            }
        }
    }

    /// Waits until the API serves what the wave before defined, unless it was there unchanged.
    private func awaitDefinitions(_ wave: [JSONValue], _ ledger: ApplyLedger) async throws {
        let names = wave.map { ManifestObject($0) }
            .filter { $0.builtIn == .customResourceDefinition }.map(\.name)
            .filter { name in
                !ledger.lines.contains {
                    $0 == "customresourcedefinition.apiextensions.k8s.io/\(name) unchanged"
                }
            }
        guard !names.isEmpty, !session.isDryRun else { return }
        let isDone = try await session.kubectl.waitUntilEstablished(names, deadline: .seconds(60))
        guard !isDone else { return }
        throw DevClusterError(
            .failed,
            RolloutWait.text(
                "the API does not accept every CustomResourceDefinition: \(names.joined(separator: ", "))",
                ledger.summary),
            hint: "see why with 'kubectl --context \(session.place.context) describe"
                + " customresourcedefinition \(names.joined(separator: " "))': another one may"
                + " have the same names")
    }

    /// Deletes the live Jobs whose template differs, which cannot be changed, and those of ours
    /// that failed: applied again they would just stay failed.
    ///
    /// - Throws: `DevClusterError` for a Job that this project did not apply.
    func replaceJobs(_ objects: [JSONValue], live: [JSONValue]) async throws {
        for object in objects {
            let job = ManifestObject(object)
            let place = job.namespace ?? namespace
            guard job.builtIn == .job,
                let there = live.first(where: { other in
                    let other = ManifestObject(other)
                    return other.builtIn == .job && other.name == job.name
                        && (other.namespace ?? namespace) == place
                })
            else { continue }
            let isSame = template(ManifestObject(there).lastApplied) == template(object)
            guard !isSame || hasFailed(there) else { continue }
            let owner = there["metadata"]?["labels"]?[DevClusterLabel.project]?.string
            guard owner == session.place.cluster else {
                guard !isSame else { continue }
                throw DevClusterError(
                    .failed,
                    "\(job) has another template, which cannot be changed, and was not"
                        + " applied by this project",
                    hint: "delete it with 'kubectl --context \(session.place.context)"
                        + " --namespace \(place) delete job \(job.name)' and deploy again")
            }
            if isSame { session.activity.report(.note("\(job) failed before, and runs anew")) }
            try await session.kubectl.delete(
                "job/\(job.name)", namespace: place,
                deadline: session.configuration.timeouts.delete.duration)
        }
    }

    private func hasFailed(_ job: JSONValue) -> Bool {
        (job["status"]?["conditions"]?.array ?? []).contains {
            $0["type"]?.string == "Failed" && $0["status"]?.string == "True"
        }
    }

    private func template(_ object: JSONValue?) -> JSONValue? { object?["spec"]?["template"] }
}
