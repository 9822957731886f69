import SystemLibraries

extension InvocationError: CustomStringConvertible {
    /// One sentence that names the tool, without a full stop: `podman exited with code 125`.
    public var description: String {
        survivors.isEmpty ? sentence : "\(overrun), and \(survivorsText)"
    }

    /// What was left running, as a part of a sentence.
    public var survivorsText: String {
        let list = survivors.map(String.init).joined(separator: ", ")
        return survivors.count == 1
            ? "its process \(list) cannot be ended and was left"
            : "its processes \(list) cannot be ended and were left"
    }

    /// Why it had to end, where it did not.
    private var overrun: String {
        switch reason {
        case .timedOut:
            "\(escaped(invocation.tool)) took longer than \(secondsText(limit)) (deadline)"
        case .outputLimitExceeded:
            "\(escaped(invocation.tool)) printed more than \(sizeText(invocation.outputLimit))"
        default: sentence
        }
    }

    private var limit: Duration { invocation.deadline ?? Invocation.defaultDeadline }

    private var sentence: String {
        let tool = escaped(invocation.tool)
        switch reason {
        case .notFound where invocation.tool.contains("/"):
            return "\(tool) does not exist"
        case .notFound:
            return "\(tool) was not found in PATH"
        case .notStarted(ENOENT):
            return "\(tool) could not be started: its interpreter or loader does not exist"
        case .notStarted(let code):
            return "\(tool) could not be started: \(describe(errno: code))"
        case .unusablePath(let path, let code):
            return "\(tool) could not be started: \(escaped(path)): \(describe(errno: code))"
        case .failed(.code(let code)):
            return "\(tool) exited with code \(code)"
        case .failed(.signal(let signal)):
            return "\(tool) was ended by signal \(signal)\(signalName(signal))"
        case .timedOut:
            return "\(tool) was ended after \(secondsText(limit)) (deadline)"
        case .cancelled:
            return "\(tool) was cancelled"
        case .outputLimitExceeded:
            return "\(tool) was ended after printing more than \(sizeText(invocation.outputLimit))"
        }
    }

    /// What was run, as it can be pasted into a shell; secrets are left out.
    public var command: String { invocation.shellQuoted }

    /// The end of what was written to standard error, to be shown below the sentence: the last
    /// 20 lines that are not blank, at most 4096 bytes, or an empty string.
    ///
    /// Control characters are escaped, repetitions of a secret input are blanked out. A carriage
    /// return ends a line, since progress meters use it so.
    public var tail: String {
        // Cut once more when the credentials are out: the first cut may go through one.
        let bytes = invocation.input.redacting(Data(errorOutput.suffix(256 << 10)))
        let lines = String(decoding: bytes.suffix(64 << 10), as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .filter { !$0.allSatisfy(\.isWhitespace) }
        var text = ""
        for line in lines.suffix(20).reversed() {
            let next = escaped(line) + (text.isEmpty ? "" : "\n")
            let room = 4096 - text.utf8.count
            if next.utf8.count > room {
                return text.isEmpty ? "…" + lastCharacters(of: next, limit: room - 3) : text
            }
            text = next + text
        }
        return text
    }

    /// As many characters from the end as fit into the limit, in bytes.
    private func lastCharacters(of text: String, limit: Int) -> Substring {
        var start = text.endIndex
        var count = 0
        while start > text.startIndex {
            let previous = text.index(before: start)
            count += text[previous..<start].utf8.count
            if count > limit { break }
            start = previous
        }
        return text[start...]
    }
}

extension String {
    /// The last line that is not blank, on one line of at most 400 characters and without control
    /// characters.
    var lastWords: String? {
        let lines = split(whereSeparator: \.isNewline)
        guard let line = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return nil }
        let cut = line.prefix(400)
        return escaped(cut) + (cut.endIndex == line.endIndex ? "" : "…")
    }
}

/// The text on one line with all control characters written as `\u{1b}`.
func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar == "\t" || !(mustBeEscaped(scalar) || scalar == "\n") {
            result.unicodeScalars.append(scalar)
        } else {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
    return result
}

private func signalName(_ signal: Int32) -> String {
    let names = [
        SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGILL: "ILL", SIGTRAP: "TRAP",
        SIGABRT: "ABRT", SIGBUS: "BUS", SIGFPE: "FPE", SIGKILL: "KILL", SIGSEGV: "SEGV",
        SIGPIPE: "PIPE", SIGALRM: "ALRM", SIGTERM: "TERM",
    ]
    return names[signal].map { " (\($0))" } ?? ""
}

/// `30 s`, `0.25 s`: seconds with as many decimals as there are, three at most.
func secondsText(_ duration: Duration) -> String {
    let milliseconds = duration.components.attoseconds / 1_000_000_000_000_000
    guard milliseconds != 0 else { return "\(duration.components.seconds) s" }
    var decimals = String(1000 + abs(milliseconds)).dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "\(duration.components.seconds).\(decimals) s"
}

/// `64 MiB`, `10 bytes`: in the largest unit that divides it.
private func sizeText(_ count: Int) -> String {
    for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
    where count >= 1 << shift && count.isMultiple(of: 1 << shift) {
        return "\(count >> shift) \(unit)"
    }
    return "\(count) bytes"
}
