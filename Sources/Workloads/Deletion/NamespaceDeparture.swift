import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// Follows a namespace that is being deleted until it is gone.
package struct NamespaceDeparture: Sendable {
    let deletion: NamespaceDeletion
    /// The namespace as it was read before its deletion.
    let there: NamespaceDeletion.Found
    let step: ActivityStep

    package init(deletion: NamespaceDeletion, there: NamespaceDeletion.Found, step: ActivityStep) {
        self.deletion = deletion
        self.there = there
        self.step = step
    }

    private var uid: String { there.uid }
    private var session: Session { deletion.session }
    private var limit: HumanDuration { session.configuration.timeouts.delete }

    private var clock: WaitClock { deletion.clock }

    /// What is known so far.
    private struct Progress {
        var content: NamespaceContent?
        /// When it is asked next why nothing changes.
        var question: ContinuousClock.Instant
        let patience: Duration
        var pauses: Duration
        var stripped: [String] = []
        var last: Standstill?

        init(patience: Duration, now: ContinuousClock.Instant) {
            self.patience = patience
            pauses = patience
            question = now + patience
        }

        /// Whether it says something new.
        mutating func note(_ content: NamespaceContent, at now: ContinuousClock.Instant) -> Bool {
            guard content != self.content else { return false }
            self.content = content
            pauses = content.hasObstacle || content.remaining.isEmpty ? patience : patience * 2
            question = now + pauses
            return true
        }

        /// Asks again after a pause that gets longer, so that waiting costs few reads.
        mutating func asked(at now: ContinuousClock.Instant) {
            pauses = min(pauses * 2, .seconds(60))
            question = now + pauses
        }
    }

    private enum Signal: Sendable {
        case event(WatchEvent)
        case tick
    }

    /// - Returns: the finalizers that were taken out.
    package func run() async throws -> [String] {
        let end = clock.now() + limit.duration
        var progress = Progress(patience: deletion.patience, now: clock.now())
        var pace = DeletionPace()
        var silence = APISilence(
            reading:
                "namespace \(deletion.name)", session.activity, clock: clock)
        var answers = true
        while true {
            if answers, try await watch(until: end, &progress) { return progress.stripped }
            // A watch that ended, or is silent, says nothing: only the API says that it is gone.
            var hasProgress = false
            let answer = try await silence.attempt { try await deletion.read() }
            answers = answer != nil
            if let answer {
                // Somebody may have made another of that name.
                guard let found = answer, found.uid == uid else { return progress.stripped }
                hasProgress = take(found.content, &progress)
            }
            guard clock.now() < end else {
                if progress.last == nil { try await examine(&progress) }
                throw late(progress)
            }
            if answers && clock.now() >= progress.question {
                let count = progress.stripped.count
                try await examine(&progress)
                hasProgress = hasProgress || progress.stripped.count > count
            }
            try await clock.sleep(min(pace.pause(hasProgress: hasProgress), end - clock.now()))
        }
    }

    /// Follows one watch until it ends, or is silent and nothing else says that it is right.
    ///
    /// - Returns: whether the namespace is gone; a watch that just ended says nothing.
    private func watch(until end: ContinuousClock.Instant, _ progress: inout Progress) async throws
        -> Bool
    {
        let (signals, channel) = AsyncStream.makeStream(of: Signal.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { channel.finish() }
                _ = try await session.kubectl.watch(
                    "namespace/\(deletion.name)", deadline: max(.seconds(1), end - clock.now())
                ) { channel.yield(.event($0)) }
            }
            group.addTask {
                while !Task.isCancelled {
                    // The watch takes real time, whatever clock the waits go by.
                    try await Task.sleep(for: .seconds(1))
                    channel.yield(.tick)
                }
            }
            defer { group.cancelAll() }
            for await signal in signals {
                switch signal {
                case .event(let event):
                    if event.uid != uid || event.type == "DELETED" { return true }
                    _ = take(NamespaceContent(status: event.status), &progress)
                case .tick:
                    guard clock.now() >= progress.question else { continue }
                    if try await examine(&progress) { continue }
                    // The watch may have gone silent, so that it is left when it missed something.
                    let answer: NamespaceDeletion.Found?
                    do { answer = try await deletion.read() } catch {
                        try Task.checkCancellation()
                        return false
                    }
                    guard let found = answer, found.uid == uid else { return true }
                    guard !take(found.content, &progress) else { return false }
                }
            }
            try Task.checkCancellation()
            return false
        }
    }

    private func take(_ content: NamespaceContent, _ progress: inout Progress) -> Bool {
        let before = progress.content?.summary
        guard progress.note(content, at: clock.now()) else { return false }
        if content.isKnown && content.summary != before {
            session.activity.report(.note("namespace \(deletion.name): \(content.summary)"))
        }
        step.progress(content.summary)
        return true
    }

    /// Finds out why nothing has changed for a while, and says it; once for each reason.
    ///
    /// - Returns: whether something was found that shows that the namespace is still there.
    @discardableResult
    private func examine(_ progress: inout Progress) async throws -> Bool {
        guard let content = progress.content else { return false }
        progress.asked(at: clock.now())
        let found: Standstill
        do {
            found = try await deletion.standstill(content)
        } catch let error as DevClusterError where error.cause is InvocationError {
            try Task.checkCancellation()
            session.activity.report(
                .warning("asking what is left failed: \(ShownText.line(error.message))"))
            return false
        }
        let now = Date()
        if found.isSlow(now: now) {
            step.progress(found.text(now: now))
        } else if found != progress.last {
            session.activity.report(.warning(found.text(now: now)))
        }
        progress.last = found
        if deletion.stripsFinalizers && !found.strippable.isEmpty {
            progress.stripped += try await FinalizerRemoval(session: session).run(found.strippable)
        }
        return !found.objects.isEmpty
    }

    private func late(_ progress: Progress) -> DevClusterError {
        let kubectl = "kubectl --context \(session.place.context)"
        let named = progress.content?.remaining.map(\.resource).joined(separator: ",") ?? ""
        let left = named.isEmpty && progress.last?.objects.isEmpty == false ? "pods" : named
        var commands = ["\(kubectl) get namespace \(deletion.name) -o yaml"]
        if !left.isEmpty {
            commands.append(
                "\(kubectl) --namespace \(deletion.name) get \(ShownText.line(left)) -o yaml")
        }
        if progress.content?.hasUnknownGroups == true {
            commands.append("\(kubectl) get apiservices")
        }
        let isHeld = progress.last.map { !$0.strippable.isEmpty } ?? false
        if isHeld {
            commands.append("devcluster delete namespace \(deletion.name) --strip-finalizers")
        }
        let reason =
            progress.last?.text(now: Date())
            ?? "namespace \(deletion.name): \(progress.content?.summary ?? "nothing is known")"
        return DevClusterError(
            .deadline, "not gone after \(limit): \(reason)",
            hint: commands.joined(separator: "\n      "))
    }
}
