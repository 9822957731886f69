public import SystemLibraries

/// One run of another program: what to start, with what input, and how long it may take.
public struct Invocation: Sendable, Hashable {
    /// Whether running it leaves anything behind.
    public enum Effect: String, Sendable {
        /// Only looks; a dry run executes it.
        case reads
        /// Changes the system; a dry run prints it instead.
        case changes
    }

    /// Marks between which a tool repeats a piece of what it read, cut anywhere.
    public struct Citation: Sendable, Hashable {
        let start: String
        let end: String

        /// What stands before and after the piece.
        public init(from start: String, to end: String) {
            self.start = start
            self.end = end
        }
    }

    /// What the child reads from its standard input.
    public enum Input: Sendable, Hashable {
        /// `/dev/null`.
        case none
        /// These bytes, then end of file.
        case bytes(Data)
        /// These bytes, never shown in logs, dry runs or errors.
        case secret(Data)
        /// These bytes, of which something is secret: `shown` stands for them wherever they are shown,
        /// and `secrets` are blanked in what a tool prints, as is all that it cites.
        case partlySecret(Data, shown: Data, secrets: [Data], citations: [Citation] = [])

        /// The bytes to write, if any.
        var data: Data? {
            switch self {
            case .none: nil
            case .bytes(let data), .secret(let data), .partlySecret(let data, _, _, _): data
            }
        }
    }

    /// Name looked up in `PATH`, or an absolute path.
    public var tool: String
    /// Arguments after the tool's name; never passed through a shell.
    public var arguments: [String]
    /// Variables added to this process's environment, or replacing those of the same name.
    public var environment: [String: String]
    /// Variables of this process's environment that the child does not get.
    public var removedVariables: [String] = []
    /// Standard input.
    public var input: Input
    /// Absolute path of the child's working directory; nil means ours.
    public var directory: String?
    /// How long it may take before it is ended and reported as timed out; nil leaves it to
    /// whoever runs it, `defaultDeadline` in the end.
    public var deadline: Duration?
    /// Bytes accepted on each of standard output and standard error; more is an error.
    public var outputLimit: Int
    /// Whether a dry run executes it.
    public var effect: Effect

    /// Thirty seconds: enough for any short query, short enough not to look like a hang.
    public static let defaultDeadline: Duration = .seconds(30)
    /// 64 MiB: a thousand pods are 16 MB of JSON.
    public static let defaultOutputLimit = 64 << 20

    /// Describes a run; nothing starts until a `Runner` gets it.
    public init(
        _ tool: String, _ arguments: [String], environment: [String: String] = [:],
        input: Input = .none, directory: String? = nil,
        deadline: Duration? = nil,
        outputLimit: Int = Invocation.defaultOutputLimit, effect: Effect = .reads
    ) {
        self.tool = tool
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.directory = directory
        self.deadline = deadline
        self.outputLimit = outputLimit
        self.effect = effect
    }
}
