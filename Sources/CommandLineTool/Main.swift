import Arguments
import ChildProcess
import Forwards
import SystemLibraries
import Vocabulary

/// Wires everything together: arguments, signals, output, exit code.
@main
enum Main {
    /// Not `async`: an async main costs a static executable about 10 ms at every start, measured
    /// with Swift 6.3.1 on Linux (`dispatch_main` ends the main thread through the C unwinder).
    static func main() {
        StandardStreams.fill()
        let environment = ProcessInfo.processInfo.environment
        let words = Array(CommandLine.arguments.dropFirst())
        KnownSecrets.addPasswords(ofURLsIn: environment.values)
        let parser = CommandParser(root: Root.self, version: version)
        // A reader that goes away, as in `| head`, must not end us half-way.
        signal(SIGPIPE, SIG_IGN)
        if words.first == "__complete" {
            exitAfter {
                let reply = await parser.complete(Array(words.dropFirst())) { list in
                    // A word that a terminal would obey cannot be typed anyway.
                    await LiveCompletion(environment: environment).words(of: list)
                        .filter { terminalText($0) == $0 && !$0.contains("\n") }
                }
                write(1, reply.text)
                return 0
            }
        }
        if words.first == ForwardSupervisor.command, words.count == 2 {
            supervise(words[1], environment)
        }
        do {
            switch try parser.parse(words) {
            case .version:
                write(1, "devcluster \(version)\n")
                StandardStreams.exit(0)
            case .help(let path, let isRequested):
                let descriptor: Int32 = isRequested ? 1 : 2
                let columns = min(100, Terminal.columns(descriptor))
                write(descriptor, parser.help(for: path, columns: columns))
                StandardStreams.exit(isRequested ? 0 : 64)
            case .command(let command, let path):
                guard let command = command as? any Command else { exit(70) }
                let interruption = Interruption.listening()
                exitAfter { await run(command, path, words, environment, interruption) }
            }
        } catch {
            let report = ErrorReport(error)
            let style = TextStyle(hasColor: Terminal.hasColor(2, environment))
            let text = report.text(style, showsCommand: false)
            write(2, terminalText(text, keepsStyle: style.hasColor) + "\n")
            if words.contains("--json") {
                Console(options: Console.Options(isJSON: true)).json(
                    ResultLine(command: "", exitCode: report.exitCode, report: nil, error: report))
            }
            StandardStreams.exit(report.exitCode)
        }
    }

    /// Looks after the forwards of a cluster, on this thread, until the last one is taken away.
    private static func supervise(_ folder: String, _ environment: [String: String]) -> Never {
        // It must not keep the folder busy in which it happened to be started.
        chdir("/")
        do {
            try ForwardSupervisor.run(folder: folder, environment: environment)
            exit(0)
        } catch {
            let report = ErrorReport(error)
            write(
                2,
                terminalText(report.text(TextStyle(hasColor: false), showsCommand: false)) + "\n")
            exit(report.exitCode)
        }
    }

    /// Runs the work on other threads while this one waits, and exits with its result.
    private static func exitAfter(_ work: @escaping @Sendable () async -> Int32) -> Never {
        Task.detached { StandardStreams.exit(await work()) }
        while true { pause() }
    }

    /// podman, runc and kubectl are Go programs that end after 0.1 s and collect garbage on the way.
    /// With fewer collections `up` on a healthy cluster takes 5 to 12 % less (measured on two cores).
    private static let tuning = ["GOGC": "400"]

    private static func run(
        _ command: any Command, _ path: [String], _ words: [String],
        _ environment: [String: String], _ interruption: Interruption
    ) async -> Int32 {
        let console = Console(options: options(command, environment))
        let context = CommandContext(
            environment: environment,
            workingDirectory: FileManager.default.currentDirectoryPath,
            runner: LoggedRunner(SystemRunner(fallbacks: tuning)) { console.show($0, $1) },
            activity: console, showPlanned: { console.showPlanned($0) },
            redraw: { redraw($0, path.joined(separator: " "), console) }, ask: Question.ask,
            commandLine: (["devcluster"] + words).joined(separator: " "))
        let work = Task { try await command.run(context) }
        interruption.cancels(work)
        let ticker = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))
                console.tick()
            }
        }
        let name = path.joined(separator: " ")
        let result = await work.result
        ticker.cancel()
        switch result {
        case .success(let report):
            finish(report, name, console, isDryRun: command.isDryRun)
            return report.exitCode
        case .failure(let error):
            var report = ErrorReport(error)
            if let signal = interruption.signal {
                report.exitCode = 128 + signal
                report.code = DevClusterError.Code.interrupted.name
                // Where the work itself says how far it came, that stands.
                if (error as? DevClusterError)?.code != .interrupted {
                    report.message = "interrupted; running the same command again goes on from here"
                }
                report.details = nil
                report.command = nil
            }
            console.show(report)
            if console.options.isJSON {
                console.json(
                    ResultLine(
                        command: name, exitCode: report.exitCode, report: nil, error: report))
            }
            return report.exitCode
        }
    }

    /// Draws a report over the one before on a terminal; elsewhere it follows it.
    private static func redraw(_ report: any Report, _ name: String, _ console: Console) {
        if Terminal.isTerminal(1) && !console.options.isJSON { write(1, "\u{1B}[H\u{1B}[2J") }
        finish(report, name, console, isDryRun: false)
    }

    private static func finish(
        _ report: any Report, _ name: String, _ console: Console, isDryRun: Bool
    ) {
        if console.options.isJSON {
            console.json(
                ResultLine(
                    command: name, exitCode: report.exitCode, report: AnyReport(report: report),
                    error: nil))
        } else if !isDryRun {
            let text = report.text(console.options.outputStyle)
            if !text.isEmpty { console.print(text) }
        } else {
            if !report.planned.isEmpty {
                console.print(report.planned.map { "# \($0)" }.joined(separator: "\n"))
            }
            // The commands alone do not say why it ends so.
            if report.exitCode != 0 { console.explain(report.text(console.options.errorStyle)) }
        }
    }

    private static func options(_ command: any Command, _ environment: [String: String])
        -> Console.Options
    {
        let global = command.global
        return Console.Options(
            isJSON: global.json,
            // The steps of a dry run did not happen.
            isQuiet: global.quiet || command.isDryRun, isVerbose: global.verbose,
            isLive: Terminal.isTerminal(2) && environment["TERM"] != "dumb",
            errorStyle: TextStyle(hasColor: Terminal.hasColor(2, environment)),
            outputStyle: TextStyle(hasColor: Terminal.hasColor(1, environment)))
    }
}

/// The last line of `--json`.
private struct ResultLine: Encodable {
    var type = "result"
    var version = 1
    var command: String
    var exitCode: Int32
    var report: AnyReport?
    var error: ErrorReport?
}

/// A report of any type, encoded as itself.
private struct AnyReport: Encodable {
    var report: any Report

    func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }
}
