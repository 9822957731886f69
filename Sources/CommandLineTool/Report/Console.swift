import ChildProcess
import Sessions
import StateFiles
import Synchronization
import SystemLibraries
import Vocabulary

/// Writes to standard output and standard error: the only place that does.
final class Console: Activity {
    /// How things are shown.
    struct Options: Sendable {
        var isJSON = false
        var isQuiet = false
        var isVerbose = false
        /// Whether standard error is a terminal on which lines can be drawn again.
        var isLive = false
        var errorStyle = TextStyle(hasColor: false)
        var outputStyle = TextStyle(hasColor: false)
    }

    private struct Running {
        var name: String
        var detail: String
        var start: ContinuousClock.Instant
        /// The workloads it waits for, in the order in which they were first heard of.
        var rollouts: [RolloutProgress] = []
    }

    private struct State {
        var running: [(id: Int, step: Running)] = []
        var drawnLines = 0
    }

    let options: Options
    private let sink: @Sendable (Int32, String) -> Void
    private let state = Mutex(State())

    /// - Parameter sink: gets a descriptor and what to write to it; only tests have their own.
    init(
        options: Options,
        sink: @escaping @Sendable (Int32, String) -> Void = { write($0, $1) }
    ) {
        self.options = options
        self.sink = sink
    }

    /// Writes text that may hold what others chose.
    private func emit(_ descriptor: Int32, _ text: String) {
        let style = descriptor == 1 ? options.outputStyle : options.errorStyle
        // Data is whole, whatever its length; a message has to be read.
        let shown = shownText(text, limit: descriptor == 1 ? .max : 4 * messageLimit)
        sink(descriptor, terminalText(shown, keepsStyle: style.hasColor) + "\n")
    }

    func report(_ event: ActivityEvent) {
        if options.isJSON { return reportJSON(event) }
        state.withLock { state in
            erase(&state)
            apply(event, &state)
            draw(&state)
        }
    }

    /// Draws the running steps anew, so that their seconds go on.
    func tick() {
        guard options.isLive, !options.isQuiet, !options.isJSON else { return }
        state.withLock { state in
            guard !state.running.isEmpty else { return }
            erase(&state)
            draw(&state)
        }
    }

    private func apply(_ event: ActivityEvent, _ state: inout State) {
        let style = options.errorStyle
        switch event {
        case .started(let id, let name):
            state.running.append((id, Running(name: name, detail: "", start: .now)))
        case .progressed(let id, let detail):
            guard let index = state.running.firstIndex(where: { $0.id == id }) else { return }
            state.running[index].step.detail = detail
        case .rollout(let id, let progress):
            if let index = state.running.firstIndex(where: { $0.id == id }) {
                state.running[index].step.rollouts.update(with: progress)
            }
            // The step's own line says it of a single one.
            if progress.state == .complete, progress.count > 1 {
                let time = style.dim("(\(shortDuration(progress.seconds)))")
                line("  \(progress.workload)  \(progress.detail) \(time)")
            }
        case .finished(let id, let name, let detail, let duration):
            state.running.removeAll { $0.id == id }
            let more = detail.map { $0.isEmpty ? "" : ": \($0)" } ?? ""
            line("\(style.green("✓")) \(name)\(more) \(style.dim("(\(shown(duration)))"))")
        case .looked(let id, _, _): state.running.removeAll { $0.id == id }
        case .failed(let id, let name, let duration):
            state.running.removeAll { $0.id == id }
            line("\(style.red("✗")) \(name) \(style.dim("(\(shown(duration)))"))")
        case .cancelled(let id, let name, let duration):
            state.running.removeAll { $0.id == id }
            line("\(style.dim("– \(name): cut short (\(shown(duration)))"))")
        case .warning(let text): emit(2, "\(style.yellow("warning:")) \(text)")
        case .note(let text): line(style.dim("· \(text)"))
        }
    }

    private func line(_ text: String) {
        if !options.isQuiet { emit(2, text) }
    }

    private func shown(_ duration: Duration) -> String { shortDuration(duration.inSeconds) }

    /// The running steps, below everything that was printed.
    private func draw(_ state: inout State) {
        guard options.isLive, !options.isQuiet else { return }
        let width = Terminal.columns(2)
        var lines: [String] = []
        for (_, step) in state.running {
            let seconds = shown(ContinuousClock.now - step.start)
            lines.append("• \(step.name) (\(seconds)) \(step.detail)")
            lines += rolloutTable(step.rollouts)
        }
        for line in lines {
            let text = terminalText(line).replacing("\n", with: " ")
            emit(2, options.errorStyle.dim(String(text.prefix(max(10, width - 1)))))
        }
        state.drawnLines = lines.count
    }

    private func erase(_ state: inout State) {
        guard state.drawnLines > 0 else { return }
        sink(2, "\u{1B}[\(state.drawnLines)A\u{1B}[J")
        state.drawnLines = 0
    }

    private func reportJSON(_ event: ActivityEvent) {
        struct Step: Encodable {
            var type = "step"
            var name: String
            var state: String
            var detail: String?
            var seconds: Double?
        }
        struct Warning: Encodable {
            var type = "warning"
            var message: String
        }
        switch event {
        case .started(_, let name): json(Step(name: name, state: "started"))
        case .finished(_, let name, let detail, let duration):
            json(Step(name: name, state: "done", detail: detail, seconds: duration.inSeconds))
        case .looked(_, let name, let duration):
            json(Step(name: name, state: "done", seconds: duration.inSeconds))
        case .failed(_, let name, let duration):
            json(Step(name: name, state: "failed", seconds: duration.inSeconds))
        case .cancelled(_, let name, let duration):
            json(Step(name: name, state: "cancelled", seconds: duration.inSeconds))
        case .warning(let text): json(Warning(message: shownText(text)))
        case .rollout(_, let progress): json(RolloutLine(progress: progress))
        case .progressed, .note: break
        }
    }

    /// Shows a child command that ended (`-v`).
    func show(_ result: Result<Outcome, any Error>, _ invocation: Invocation) {
        // Whatever becomes of the error, somebody has to know of what goes on running.
        if case .failure(let error as InvocationError) = result, !error.survivors.isEmpty {
            report(.warning("\(error)"))
        }
        guard options.isVerbose else { return }
        let ending: String
        switch result {
        case .success(let outcome):
            let code =
                outcome.succeeded ? "" : ", \(InvocationError(.failed(outcome.exit), invocation))"
            ending = "(\(milliseconds(outcome.duration))\(code))"
        case .failure(let error): ending = "(\(error))"
        }
        let style = options.errorStyle
        state.withLock { state in
            erase(&state)
            emit(2, style.dim("$ \(invocation.shellQuoted)  \(ending)"))
            draw(&state)
        }
    }

    private func milliseconds(_ duration: Duration) -> String {
        "\(Int((duration.inSeconds * 1000).rounded())) ms"
    }

    /// Shows a command that a dry run leaves out.
    func showPlanned(_ invocation: Invocation) {
        struct Planned: Encodable {
            var type = "command"
            var command: String
        }
        if options.isJSON {
            json(Planned(command: invocation.shellQuoted))
        } else {
            print(invocation.shellQuoted)
        }
    }

    /// Prints a line of data.
    func print(_ text: String) {
        state.withLock { state in
            erase(&state)
            emit(1, text)
            draw(&state)
        }
    }

    /// Prints on standard error what no program is to read.
    func explain(_ text: String) {
        guard !text.isEmpty else { return }
        state.withLock { state in
            erase(&state)
            emit(2, text)
            draw(&state)
        }
    }

    /// Prints one JSON line.
    func json(_ value: some Encodable) {
        guard let data = try? JSONEncoder.state.encode(value) else { return }
        let text = terminalJSON(KnownSecrets.blanked(String(decoding: data, as: UTF8.self)))
        // Nothing is drawn beside it.
        state.withLock { _ in sink(1, text + "\n") }
    }

    /// Prints an error on standard error.
    func show(_ error: ErrorReport) {
        state.withLock { state in
            erase(&state)
            state.running = []
            emit(2, error.text(options.errorStyle, showsCommand: true))
        }
    }
}

/// What is known of the terminal.
enum Terminal {
    /// Whether a descriptor is one.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Its width; 80 where it is not known.
    static func columns(_ descriptor: Int32) -> Int {
        var size = winsize()
        let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return known ? Int(size.ws_col) : 80
    }

    /// Whether colour is wanted there: a terminal that can, and no `NO_COLOR`.
    static func hasColor(_ descriptor: Int32, _ environment: [String: String]) -> Bool {
        isTerminal(descriptor) && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }
}
