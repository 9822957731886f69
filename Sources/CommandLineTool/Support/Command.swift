import Arguments
import ChildProcess
import Settings
import Vocabulary

/// A command of devcluster: parsed by `Arguments`, run here.
///
/// Each is a `ReadingCommand` or a `ChangingCommand`.
protocol Command: ParsableCommand {
    /// The options that every command has.
    var global: GlobalOptions { get }
    /// Whether nothing may be changed; what is printed then is the commands.
    var isDryRun: Bool { get }
    /// Does the work and returns what is printed; never prints by itself.
    func run(_ context: CommandContext) async throws -> any Report
}

/// A command that changes nothing.
protocol ReadingCommand: Command {}

extension ReadingCommand {
    var isDryRun: Bool { false }
}

/// A command that changes something, and can show it first.
protocol ChangingCommand: Command {
    /// `--dry-run`.
    var dry: DryRunOption { get }
}

extension ChangingCommand {
    var isDryRun: Bool { dry.dryRun }
}

/// The options that every command has.
struct GlobalOptions: ParsableOptions {
    static let title: String? = "GLOBAL OPTIONS"

    @Option(
        short: "c", value: "FILE",
        help: "Configuration file (default: devcluster.yaml, found upwards)", completion: .files)
    var config: String?
    @Flag(help: "Print JSON lines on standard output") var json: Bool
    @Flag(short: "q", help: "Print errors only") var quiet: Bool
    @Flag(short: "v", help: "Show each child command with its duration") var verbose: Bool
    @Flag(short: "y", help: "Answer yes to every question") var yes: Bool
    @Option(
        value: "CONTEXT",
        help: "Allow changes to this existing cluster, named by spec.cluster.kubeContext"
    )
    var allowContext: String?
    @Option(
        value: "DURATION",
        help: "How long to wait for another devcluster that works on the same thing")
    var waitLock: HumanDuration?
}

/// The option of commands that change something.
struct DryRunOption: ParsableOptions {
    static let title: String? = nil

    @Flag(help: "Print the commands that would change something instead of running them")
    var dryRun: Bool
}

/// The option of commands that work in a namespace.
struct NamespaceOption: ParsableOptions {
    static let title: String? = nil

    @Option(
        short: "n", value: "NAME", help: "Namespace (default: spec.namespace)",
        completion: .live("namespaces"))
    var namespace: NamespaceName?

    /// What it overrides in the configuration.
    var overrides: [FieldPath: String] {
        namespace.map { ["spec.namespace": $0.description] } ?? [:]
    }
}

extension HumanDuration: ArgumentValue {
    /// Reads a duration such as `90s` or `1h30m`.
    public init(argument: String) throws(InvalidValue) {
        do {
            self = try HumanDuration(argument)
        } catch {
            throw InvalidValue(error.message)
        }
    }
}

extension NamespaceName: ArgumentValue {
    /// Reads a namespace's name.
    public init(argument: String) throws(InvalidValue) {
        do {
            self = try NamespaceName(argument)
        } catch {
            throw InvalidValue(error.message)
        }
    }
}

extension IPAddress: ArgumentValue {
    /// Reads an IP address.
    public init(argument: String) throws(InvalidValue) {
        do {
            self = try IPAddress(argument)
        } catch {
            throw InvalidValue(error.message)
        }
    }
}
