import SystemLibraries

/// One child from its start until it is reaped, or left. Lives on a thread of its own.
///
/// The child stays a zombie until the very end: as long as it is not reaped, its id and its
/// group's id cannot become another process's, so a signal to the group is safe.
final class ChildRun {
    let invocation: Invocation
    let runner: SystemRunner
    private let cancellation: Cancellation
    private let start = ContinuousClock.now
    private let deadline: ContinuousClock.Instant

    private(set) var pid: pid_t = 0
    private var input: InputWriter?
    private let output: OutputReader
    private let error: OutputReader
    private var exitWatch: ExitWatch?

    /// Why the run is cut short, once it is.
    private(set) var ending: InvocationError.Reason?
    /// When KILL follows TERM.
    private(set) var killTime: ContinuousClock.Instant?
    /// After KILL: when a child that has not ended is left alone.
    private var leaveTime: ContinuousClock.Instant?
    /// Whether no signal ended it.
    private var isLeft = false
    /// After the child's exit: how long the rest of its output is waited for.
    private var lingerEnd: ContinuousClock.Instant?
    /// Whether the child was still running when the run was cut short.
    private var wasSignalled = false
    /// All that descended from the child, as seen before each signal, parents first.
    var family: [ProcessIdentity] = []

    init(
        _ invocation: Invocation, _ runner: SystemRunner, cancellation: Cancellation,
        onOutput: OutputHandler?
    ) {
        self.invocation = invocation
        self.runner = runner
        self.cancellation = cancellation
        deadline = instant(after: invocation.deadline ?? Invocation.defaultDeadline)
        output = OutputReader(.output, limit: invocation.outputLimit, handler: onOutput)
        error = OutputReader(.error, limit: invocation.outputLimit, handler: onOutput)
    }

    /// Runs the child to its end, blocking the thread.
    func result() -> Result<Outcome, InvocationError> {
        do throws(InvocationError) {
            guard !cancellation.isCancelled else { throw InvocationError(.cancelled, invocation) }
            try startChild()
        } catch {
            return .failure(error)
        }
        while !isOver { step() }
        if wasSignalled { endFamily() }
        output.close()
        error.close()
        let (exit, survivors) = takeLeave()
        exitWatch = nil
        if let reason = ending ?? (exit == nil ? .notStarted(ECHILD) : nil) {
            return .failure(
                InvocationError(
                    reason, invocation, errorOutput: error.bytes, survivors: survivors))
        }
        return .success(
            Outcome(
                invocation: invocation, exit: exit ?? .code(0), output: output.bytes,
                errorOutput: error.bytes, duration: ContinuousClock.now - start))
    }

    /// Reaps the child, or leaves that to a thread when it does not end.
    private func takeLeave() -> (exit: Outcome.Exit?, survivors: [Int32]) {
        let others = wasSignalled ? family.filter(\.isAlive).map(\.pid) : []
        guard isLeft, exitWatch?.hasExited == false else { return (reap(pid), others) }
        // Without the thread it would at worst be a zombie until we exit.
        let pid = pid
        try? startThread { _ = reap(pid) }
        return (nil, [pid] + others)
    }

    private func startChild() throws(InvocationError) {
        let environment = runner.fallbacks.merging(ProcessInfo.processInfo.environment) { $1 }
            .filter { !invocation.removedVariables.contains($0.key) }
            .merging(invocation.environment) { $1 }
        var spawn = try Spawn(resolving: invocation, environment: environment)
        do throws(SystemError) {
            let (outputReader, outputWriter) = try makePipe()
            let (errorReader, errorWriter) = try makePipe()
            let inputPipe = invocation.input.data == nil ? nil : try makePipe()
            spawn.output = outputWriter.number
            spawn.error = errorWriter.number
            spawn.input = inputPipe?.reader.number
            pid = try spawn.start()
            exitWatch = ExitWatch(pid)
            output.attach(outputReader)
            error.attach(errorReader)
            if let inputPipe, let data = invocation.input.data {
                input = InputWriter(inputPipe.writer, data)
            }
            // Leaving this scope closes the child's ends, without which there is no end of file.
        } catch {
            throw InvocationError(.notStarted(error.code), invocation)
        }
    }

    private var hasExited: Bool { lingerEnd != nil }

    private var isOver: Bool {
        if isLeft { return true }
        guard let lingerEnd else { return false }
        return ending != nil || (output.isAtEnd && error.isAtEnd)
            || ContinuousClock.now >= lingerEnd
    }

    /// Waits for the next thing to happen and acts on it.
    private func step() {
        guard let exitWatch else { return }
        var polled = [
            pollfd(fd: hasExited ? -1 : exitWatch.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: error.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: input?.descriptor ?? -1, events: Int16(POLLOUT), revents: 0),
            pollfd(
                fd: ending == nil ? cancellation.descriptor : -1, events: Int16(POLLIN),
                revents: 0),
        ]
        let timeout = pollTimeout(until: nextTime)
        let limit = hasExited ? timeout : min(timeout, exitWatch.longestWait)
        _ = poll(&polled, nfds_t(polled.count), limit)

        if polled[1].revents != 0 { output.read() }
        if polled[2].revents != 0 { error.read() }
        if polled[3].revents != 0, input?.write() == .finished { input = nil }
        if !hasExited, exitWatch.isExit(polled[0].revents) { noteExit() }
        // Looked at after the exit: what had ended by itself was not cancelled.
        if polled[4].revents != 0, !isOver { cutShort(.cancelled) }
        if output.isOverLimit || error.isOverLimit { cutShort(.outputLimitExceeded) }
        actOnTime()
    }

    private var nextTime: ContinuousClock.Instant {
        if let lingerEnd { return lingerEnd }
        if ending == nil { return deadline }
        return killTime ?? leaveTime ?? instant(after: .seconds(3600))
    }

    private func actOnTime() {
        let now = ContinuousClock.now
        if hasExited || now < nextTime { return }
        if ending == nil {
            cutShort(.timedOut)
        } else if killTime != nil {
            freezeFamily()
            runner.signalGroup(pid, SIGKILL)
            thawFamily()
            killTime = nil
            leaveTime = instant(after: runner.patience)
        } else if leaveTime != nil {
            isLeft = true
        }
    }

    private func noteExit() {
        lingerEnd = instant(after: SystemRunner.linger)
        input = nil
        // What the child itself wrote is all in the pipes by now, and fits into one read each.
        // Read it here, so that no delay of this thread can take it for a helper's late output.
        readOutput()
    }

    /// Takes what output there is, without waiting.
    func readOutput() {
        output.read()
        error.read()
    }

    private func cutShort(_ reason: InvocationError.Reason) {
        guard ending == nil else { return }
        ending = reason
        guard !hasExited else { return }
        wasSignalled = true
        input = nil
        freezeFamily()
        runner.signalGroup(pid, SIGTERM)
        thawFamily()
        killTime = instant(after: runner.grace)
    }
}
