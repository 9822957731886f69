import ChildProcess
import StateFiles
import Synchronization
import SystemLibraries
import Tools
import Vocabulary

/// Owns the local sockets of one cluster's forwards and relays their connections.
///
/// A process of its own, started on demand, that ends with its last forward. One thread and one
/// `poll`: nothing in it waits for anything else.
public final class ForwardSupervisor {
    private let folder: String
    private let ledger: ForwardLedger
    private let environment: [String: String]
    private let timing: ForwardTiming
    private let pipe: WakePipe
    private let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 256 << 10, alignment: 16)

    private var specs: ForwardSpecs
    private var watch: ClusterWatch
    private var forwards: [String: SupervisedForward] = [:]
    private var isEnding = false
    private var acceptAgain: ContinuousClock.Instant?
    private var lastCount: ContinuousClock.Instant
    private var lastLook: ContinuousClock.Instant

    /// The word by which the executable is started as a supervisor.
    public static let command = "__forwards"

    /// Whoever holds it is the supervisor.
    static func lock(_ folder: String) -> String { "\(folder)/forwards-supervisor.lock" }

    /// Runs until the last forward of the folder is taken away.
    ///
    /// - Throws: `DevClusterError` when another supervisor runs, or the folder cannot be used; one
    ///   that is no cluster's folder is left as it is.
    public static func run(folder: String, environment: [String: String]) throws {
        try requireForwards(in: folder)
        try run(folder: folder, environment: environment, timing: ForwardTiming(), signals: true)
    }

    private static func requireForwards(in folder: String) throws {
        let group = AtomicFile.parent(of: folder)
        let isPlace = ["/clusters", "/contexts"].contains { group.hasSuffix($0) }
        guard isPlace, try WholeFile.exists(ForwardSpecs.path(folder)) else {
            throw DevClusterError(
                .usage, "there are no forwards in '\(ShownText.line(folder))'",
                hint: "devcluster pf start; it starts this by itself")
        }
        _ = try StateFolder(path: AtomicFile.parent(of: group)).verified()
    }

    static func run(
        folder: String, environment: [String: String], timing: ForwardTiming, signals: Bool
    ) throws {
        let lock = try StateLock.takeNow(lock(folder), for: "devcluster \(command)")
        defer { withExtendedLifetime(lock) {} }
        let specs: ForwardSpecs
        switch ForwardSpecs.read(folder) {
        case .absent, .damaged: return
        case .unreadable(let error): throw error
        case .specs(let wanted): specs = wanted
        }
        let supervisor = try ForwardSupervisor(
            folder: folder, environment: environment, timing: timing, specs: specs)
        if signals {
            supervisor.endOnSignals()
            // The folder it was started in may be deleted, or be on a disk to be unmounted.
            chdir("/")
        }
        raiseFileLimit()
        supervisor.run()
    }

    private init(
        folder: String, environment: [String: String], timing: ForwardTiming,
        specs: ForwardSpecs
    ) throws {
        self.folder = folder
        self.timing = timing
        self.specs = specs
        (lastCount, lastLook) = (timing.now(), timing.now())
        ledger = ForwardLedger(folder: folder)
        var environment = environment
        environment[ForwardProcess.mark] = folder
        environment["KUBERC"] = "off"
        self.environment = environment
        pipe = try WakePipe(folder: folder)
        watch = ClusterWatch(
            ForwardSupervisor.kubectl(specs, environment), timing: timing)
    }

    deinit { scratch.deallocate() }

    private static func kubectl(_ specs: ForwardSpecs, _ environment: [String: String])
        -> SupervisedKubectl
    {
        SupervisedKubectl(
            environment: environment, context: specs.context, kubeconfig: specs.kubeconfig)
    }

    private func run() {
        // Whoever was killed before us left kubectls that hold nothing of ours.
        let recorded = (try? ledger.processes) ?? []
        for orphan in recorded.union(ForwardProcess.ours(folder: folder)) {
            orphan.send(SIGKILL)
        }
        adopt(specs)
        while !isEnding && !forwards.isEmpty { turn() }
        watch.stop()
        for forward in forwards.values { end(forward) }
        pipe.remove()
    }

    /// Waits for something to happen, and acts.
    private func turn() {
        var now = timing.now()
        let all = Array(forwards.values)
        let isNeeded = all.contains { $0.needsWatch(now) }
        let isLost = all.contains { $0.target.isLost && $0.needsWatch(now) }
        let isHeld = all.contains(where: \.clients.isHeld)
        watch.step(isNeeded: isNeeded, isLost: isLost, isHeld: isHeld, now: now)
        for forward in all { forward.step(watch.view, outage: watch.outage, now: now) }
        save(now: now)
        var times = all.compactMap { $0.nextTime(now: now) }
        if let time = watch.nextTime(isNeeded: isNeeded, isLost: isLost, isHeld: isHeld) {
            times.append(time)
        }
        times.append(lastLook + timing.presence)
        if all.contains(where: \.entry.isCounted) { times.append(lastCount + timing.counters) }
        if let acceptAgain { times.append(acceptAgain) }
        poll(all, until: times.min() ?? now + timing.presence)
        now = timing.now()
        if now >= lastLook + timing.presence {
            lastLook = now
            if case .absent = ForwardSpecs.read(folder) { isEnding = true }
        }
    }

    /// What a polled descriptor belongs to.
    private enum Source {
        case pipe
        case watch
        case listener(SupervisedForward)
        case child(SupervisedForward, ForwardChild)
        case probe(SupervisedForward)
        case client(SupervisedForward, Relay)
        case backend(SupervisedForward, Relay)
    }

    private func poll(_ all: [SupervisedForward], until end: ContinuousClock.Instant) {
        var polled: [pollfd] = []
        var sources: [Source] = []
        func add(_ descriptor: Int32, _ events: Int16, _ source: Source) {
            guard descriptor >= 0 else { return }
            polled.append(pollfd(fd: descriptor, events: events, revents: 0))
            sources.append(source)
        }
        let input = Int16(POLLIN)
        add(pipe.descriptor, input, .pipe)
        for descriptor in watch.descriptors { add(descriptor, input, .watch) }
        for forward in all {
            if acceptAgain == nil {
                add(forward.listener.descriptor, input, .listener(forward))
            }
            for child in forward.children.all {
                for descriptor in child.descriptors {
                    add(descriptor, input, .child(forward, child))
                }
            }
            add(forward.health.descriptor, forward.health.events, .probe(forward))
            for relay in forward.clients.relays {
                add(relay.client.descriptor, relay.clientEvents, .client(forward, relay))
                // Its end is seen when it is read; until then poll would report it all the time.
                if relay.backendEvents != 0 {
                    add(
                        relay.backend?.descriptor ?? -1, relay.backendEvents,
                        .backend(forward, relay))
                }
            }
        }
        _ = systemPoll(
            &polled, pollMilliseconds(min(timing.now().duration(to: end), timing.longestWait)))
        let now = timing.now()
        if let time = acceptAgain, time <= now { acceptAgain = nil }
        for (entry, source) in zip(polled, sources) where entry.revents != 0 {
            act(on: source, hasFailed: entry.revents & Int16(POLLERR) != 0, now: now)
        }
    }

    private func act(on source: Source, hasFailed: Bool, now: ContinuousClock.Instant) {
        switch source {
        case .pipe: obey()
        case .watch: watch.readOutput(now: now)
        case .listener(let forward):
            // Without a free descriptor the client stays in the queue, and poll would spin.
            if !forward.accept(now: now) { acceptAgain = now + .milliseconds(500) }
        case .child(let forward, let child): forward.readOutput(of: child)
        case .probe(let forward): forward.workOnProbe(scratch, now: now)
        case .client(let forward, let relay):
            if relay.state != .closed {
                forward.work(on: relay, scratch, isClientGone: hasFailed, now: now)
            }
        case .backend(let forward, let relay):
            if relay.state != .closed {
                forward.work(on: relay, scratch, isClientGone: false, now: now)
            }
        }
    }

    private func obey() {
        for message in pipe.messages() {
            switch message {
            case .end: isEnding = true
            case .look:
                switch ForwardSpecs.read(folder) {
                case .absent: isEnding = true
                case .damaged, .unreadable: break
                case .specs(let specs): adopt(specs)
                }
            }
        }
    }

    /// Makes what runs equal to what is wanted.
    private func adopt(_ wanted: ForwardSpecs) {
        let isElsewhere =
            wanted.context != specs.context || wanted.kubeconfig != specs.kubeconfig
        if isElsewhere {
            watch.stop()
            watch = ClusterWatch(
                ForwardSupervisor.kubectl(wanted, environment), timing: timing)
        }
        specs = wanted
        let byName = Dictionary(wanted.forwards.map { ($0.name, $0) }) { $1 }
        for (name, forward) in forwards where isElsewhere || !forward.goesOn(as: byName[name]) {
            end(forward)
            forwards[name] = nil
        }
        // What was just made for a forward may be younger than what is known.
        let reading = watch.readAgain()
        for (name, forward) in forwards {
            if let spec = byName[name] { forward.look(again: spec, reading: reading) }
        }
        for (name, spec) in byName where forwards[name] == nil {
            let earlier = ledger.read(name)
            forwards[name] = SupervisedForward(
                spec, context: wanted.context,
                kubectl: ForwardSupervisor.kubectl(wanted, environment), timing: timing,
                journal: ForwardJournal(path: ledger.log(name)),
                earlier: earlier?.request == spec.id ? earlier : nil, reading: reading)
        }
        // Entries of forwards that are not wanted: of a supervisor that was killed.
        for record in (try? ledger.records()) ?? [] where byName[record.name] == nil {
            ledger.remove(record.name)
        }
    }

    private func end(_ forward: SupervisedForward) {
        forward.end()
        ledger.remove(forward.spec.name)
    }

    /// Writes the entries that changed; counters only now and then.
    private func save(now: ContinuousClock.Instant) {
        let isTime = now >= lastCount + timing.counters
        if isTime { lastCount = now }
        for forward in forwards.values
        where forward.entry.isChanged || (isTime && forward.entry.isCounted) {
            // Tried again with the next change: a full disk must not end the connections.
            try? ledger.write(forward.entry.record)
            forward.noteWritten()
        }
    }

    /// SIGTERM, SIGINT and SIGHUP end everything in order.
    private func endOnSignals() {
        ForwardSupervisor.signalPipe.store(pipe.descriptor, ordering: .relaxed)
        for number in [SIGTERM, SIGINT, SIGHUP] {
            signal(number) { _ in
                let descriptor = ForwardSupervisor.signalPipe.load(ordering: .relaxed)
                WakePipe.send(.end, to: descriptor)
            }
        }
    }

    private static let signalPipe = Atomic<Int32>(-1)
}

/// Inside a type with a method `poll`, the C function of that name cannot be called.
private func systemPoll(_ polled: inout [pollfd], _ timeout: Int32) -> Int32 {
    poll(&polled, nfds_t(polled.count), timeout)
}

/// Milliseconds of a wait, rounded up so that a wait never ends just before its time.
private func pollMilliseconds(_ wait: Duration) -> Int32 {
    let (seconds, attoseconds) = wait.components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let milliseconds = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int32(min(seconds, 3600)) * 1000 + Int32(milliseconds)
}
