import Arguments
import ChildProcess
import Tools
import Vocabulary

/// An error as it is printed and exited with.
struct ErrorReport: Encodable, Sendable {
    var code: String
    var message: String
    var hint: String?
    /// The last lines of the tool that failed.
    var details: String?
    /// The command that failed, pasteable.
    var command: String?
    var exitCode: Int32

    init(_ error: any Error) {
        switch error {
        case let error as DevClusterError:
            let cause = (error.cause as? InvocationError).map { ErrorReport($0 as any Error) }
            self.init(
                code: error.code, message: error.message, hint: error.hint,
                details: cause.map { report in
                    [report.message, report.details].compactMap { $0 }.joined(separator: "\n")
                }, command: cause?.command)
        case let error as InvocationError:
            self.init(
                code: DevClusterError.Code(of: error), message: error.description,
                hint: ErrorReport.hint(error),
                details: error.tail.isEmpty ? nil : error.tail, command: error.command)
        case let error as UsageError:
            self.init(
                code: .usage, message: error.message,
                hint: error.hint ?? (error.usage.isEmpty ? nil : "usage: \(error.usage)"))
        case is CancellationError:
            self.init(code: DevClusterError.Code(of: error), message: "interrupted")
        default:
            self.init(code: DevClusterError.Code(of: error), message: "\(error)")
        }
    }

    private init(
        code: DevClusterError.Code, message: String, hint: String? = nil, details: String? = nil,
        command: String? = nil
    ) {
        self.code = code.name
        self.message = shownText(message)
        self.hint = hint.map { shownText($0) }
        self.details = details.map { shownText($0) }
        // Longer than any other text: it is to be pasted.
        self.command = command.map { shownText($0, limit: 128 << 10) }
        exitCode = code.exitCode
    }

    private static func hint(_ error: InvocationError) -> String? {
        switch error.reason {
        case .notFound: Tool.installation(of: error.invocation.tool)
        case .timedOut: "run it by hand to see where it hangs, or ask devcluster doctor"
        default: nil
        }
    }

    /// A command whose input is a whole manifest is shown by its beginning.
    private static func shortened(_ command: String) -> String {
        guard command.count > 400 else { return command }
        return command.prefix(300) + "… (\(command.count - 300) characters more; -v shows them)"
    }

    /// As people read it.
    func text(_ style: TextStyle, showsCommand: Bool) -> String {
        var lines = [style.red("error:") + " \(message)"]
        if let details {
            lines += details.split(separator: "\n", omittingEmptySubsequences: false)
                .map { style.dim("  | ") + $0 }
        }
        if showsCommand, let command { lines.append("  $ \(ErrorReport.shortened(command))") }
        if let hint { lines.append(hint.hasPrefix("usage:") ? hint : "hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}
