import SystemLibraries

extension ChildRun {
    /// Stops all that descended from the child and remembers it.
    ///
    /// A process that forks after it was seen and before it gets its signal could leave behind one
    /// that nobody knows, in a session of its own: after a parent's end, descent cannot be told.
    /// One that is stopped does not fork. Should we be killed meanwhile, the kernel continues the
    /// child's group, as it does with every stopped group that loses its parent (setpgid(2)).
    func freezeFamily() {
        runner.signalGroup(pid, SIGSTOP)
        var stopped: Set<ProcessIdentity> = []
        // One round finds what there is and a second one nothing more, unless some of it is not
        // ours to stop.
        for _ in 1...20 {
            noteFamily()
            let new = outsiders().filter { !stopped.contains($0) }
            if new.isEmpty { return }
            for process in new { process.send(SIGSTOP) }
            stopped.formUnion(new)
        }
    }

    /// Lets it go on, which also makes it act on the signals it got meanwhile.
    func thawFamily() {
        runner.signalGroup(pid, SIGCONT)
        for process in outsiders() { process.send(SIGCONT) }
    }

    /// Ends what the child left behind: TERM, then KILL when the grace period is over.
    ///
    /// The members of its group have had TERM already; those that left it get it only now, so
    /// that a parent had the chance to end them in its own way. Called while the child is a
    /// zombie, or does not end, which keeps the group's id from being reused.
    func endFamily() {
        freezeFamily()
        let outsiders = outsiders()
        // Parents first: a shell whose job is ended before it hears of TERM just goes on.
        for process in outsiders { process.send(SIGTERM) }
        thawFamily()
        let graceEnd = outsiders.isEmpty ? killTime : instant(after: runner.grace)
        if let graceEnd, familyIsGone(by: graceEnd) { return }
        // What cannot be signalled, or hangs in the kernel, is given up after two seconds.
        for _ in 1...5 {
            freezeFamily()
            runner.signalGroup(pid, SIGKILL)
            for process in family { process.send(SIGKILL) }
            if familyIsGone(by: instant(after: .milliseconds(400))) { return }
        }
    }

    /// Those that are out of reach of a signal to the child's group.
    private func outsiders() -> [ProcessIdentity] {
        family.filter { $0.entry.map { $0.group != pid } ?? false }
    }

    /// The group is asked for as well as descent: it finds those whose parent has already ended.
    private func noteFamily() {
        let seeds = Set(family.filter(\.isAlive).map(\.pid)).union([pid])
        let entries = ProcessTable.read().family(of: seeds, groups: [pid])
        family += entries.map { ProcessIdentity($0) }.filter { !family.contains($0) }
    }

    /// Waits for the end of all known processes, but no longer than until the instant.
    ///
    /// Their output is still read: a shell that reports a killed job to a pipe nobody reads
    /// would die of SIGPIPE in the middle of its own clean-up.
    private func familyIsGone(by end: ContinuousClock.Instant) -> Bool {
        var pause: UInt32 = 500
        while family.contains(where: \.isAlive) {
            if ContinuousClock.now >= end { return false }
            readOutput()
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
        return true
    }
}
