#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One line of a file of recorded runs: what was run and how it ended, made to be read by people.
///
/// Deadline, output limit and effect are left out: changing them must not outdate a recording.
struct Recording: Codable, Hashable {
    var invocation: Invocation
    var exit: Outcome.Exit
    var output: Data
    var errorOutput: Data
    var duration: Duration

    private enum Key: String, CodingKey {
        case tool, arguments, environment, input, directory
        case code, signal
        case output, outputBase64, errorOutput, errorOutputBase64
        case milliseconds
    }

    /// Takes a run over without its secrets.
    init(_ outcome: Outcome, of invocation: Invocation) {
        self.invocation = invocation.redacted
        exit = outcome.exit
        output = invocation.input.redacting(outcome.output)
        errorOutput = invocation.input.redacting(outcome.errorOutput)
        duration = outcome.duration
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        invocation = Invocation(
            try container.decode(String.self, forKey: .tool),
            try container.decode([String].self, forKey: .arguments),
            environment: try container.decodeIfPresent(
                [String: String].self, forKey: .environment) ?? [:],
            input: try container.decodeIfPresent(Invocation.Input.self, forKey: .input) ?? .none,
            directory: try container.decodeIfPresent(String.self, forKey: .directory))
        if let signal = try container.decodeIfPresent(Int32.self, forKey: .signal) {
            exit = .signal(signal)
        } else {
            exit = .code(try container.decode(Int32.self, forKey: .code))
        }
        output = try container.decodeData(text: .output, base64: .outputBase64) ?? Data()
        errorOutput =
            try container.decodeData(text: .errorOutput, base64: .errorOutputBase64) ?? Data()
        let milliseconds = try container.decodeIfPresent(Int64.self, forKey: .milliseconds)
        duration = .milliseconds(milliseconds ?? 0)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(invocation.tool, forKey: .tool)
        try container.encode(invocation.arguments, forKey: .arguments)
        if !invocation.environment.isEmpty {
            try container.encode(invocation.environment, forKey: .environment)
        }
        if invocation.input != .none {
            try container.encode(invocation.input, forKey: .input)
        }
        try container.encodeIfPresent(invocation.directory, forKey: .directory)
        switch exit {
        case .code(let code): try container.encode(code, forKey: .code)
        case .signal(let signal): try container.encode(signal, forKey: .signal)
        }
        try container.encode(output, text: .output, base64: .outputBase64)
        try container.encode(errorOutput, text: .errorOutput, base64: .errorOutputBase64)
        try container.encode(Int64(duration / .milliseconds(1)), forKey: .milliseconds)
    }
}
