public import ChildProcess
public import SystemLibraries

extension Outcome {
    /// Exit code 0 and this text on standard output.
    ///
    /// `ScriptedRunner` puts the invocation that was really run in place of `invocation`.
    public static func ok(
        _ text: String = "", stderr: String = "", of invocation: Invocation = .sample
    ) -> Outcome {
        ok(Data(text.utf8), stderr: stderr, of: invocation)
    }

    /// Exit code 0 and these bytes on standard output.
    public static func ok(
        _ bytes: Data, stderr: String = "", of invocation: Invocation = .sample
    ) -> Outcome {
        Outcome(invocation: invocation, output: bytes, errorOutput: Data(stderr.utf8))
    }

    /// This exit code, and these texts on standard error and output.
    public static func failure(
        _ code: Int32 = 1, stderr: String = "", output: String = "",
        of invocation: Invocation = .sample
    ) -> Outcome {
        Outcome(
            invocation: invocation, exit: .code(code), output: Data(output.utf8),
            errorOutput: Data(stderr.utf8))
    }

    /// Ended by this signal.
    public static func signal(
        _ signal: Int32, stderr: String = "", of invocation: Invocation = .sample
    ) -> Outcome {
        Outcome(
            invocation: invocation, exit: .signal(signal), errorOutput: Data(stderr.utf8))
    }
}

extension Invocation {
    /// Stands where a test does not care what was run.
    public static let sample = Invocation("sample", [])
}
