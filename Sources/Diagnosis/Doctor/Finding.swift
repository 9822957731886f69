import ChildProcess
import Vocabulary

/// Something `doctor` looked at, and what it found.
public struct Finding: Codable, Sendable, Equatable {
    /// How much it matters.
    public enum Severity: String, Codable, Sendable, CaseIterable {
        /// It is right.
        case ok
        /// Good to know.
        case info
        /// It will hurt under some conditions, or could not be found out.
        case warning
        /// It keeps something from working.
        case error
    }

    /// What `doctor --fix` may do about it.
    public enum Fix: Codable, Sendable, Equatable {
        /// Run `up`, which repairs cluster and registry.
        case up
        /// Remove a file that nothing holds any more.
        case removeFile(String)
        /// End a process of ours that nothing waits for.
        case endProcess(ProcessIdentity)
        /// Remove a container of ours that did its work.
        case removeContainer(String)
    }

    /// What was looked at: `podman`, `node shop-worker`, …
    public var subject: String
    /// How much it matters.
    public var severity: Severity
    /// What was seen.
    public var evidence: String
    /// A command to type, or what to do; nil where nothing is to do.
    public var remedy: String?
    /// What may be done without losing anything; nil where a person has to.
    public var fix: Fix?

    init(
        _ subject: String, _ severity: Severity, _ evidence: String, remedy: String? = nil,
        fix: Fix? = nil
    ) {
        self.subject = subject
        self.severity = severity
        // It is shown as it is, and much of it comes from other tools.
        self.evidence = ShownText.line(evidence)
        self.remedy = remedy
        self.fix = fix
    }
}

/// Everything that `doctor` looked at.
public struct DoctorReport: Codable, Sendable, Equatable {
    /// What was found, the worst first.
    public var findings: [Finding]
    /// What was done about it.
    public var fixed: [String]

    /// 2 when something is wrong, 0 when all is right or only noteworthy.
    public var exitCode: Int32 {
        findings.contains { [.warning, .error].contains($0.severity) } ? 2 : 0
    }
}
