import ChildProcess
import Vocabulary

/// The programs that devcluster drives, and how people get them.
public enum Tool {
    /// What to do when a program is missing.
    public static func installation(of tool: String) -> String {
        if let engine = EngineName(rawValue: tool) { return engine.dialect.installation }
        return switch tool {
        case "kind":
            "install kind (go install sigs.k8s.io/kind@latest; macOS: brew install kind)"
                + " - https://kind.sigs.k8s.io"
        case "kubectl":
            "install kubectl - https://kubernetes.io/docs/tasks/tools"
        case "helm":
            "install helm (https://helm.sh/docs/intro/install; macOS: brew install helm)"
        case "curl": "install curl (apt install curl; dnf install curl)"
        case "git": "install git (apt install git; dnf install git)"
        default: "install '\(tool)', or put it into PATH"
        }
    }

    /// The oldest version of a program that does what is asked of it, and why; nil where none is known.
    package static func needed(of tool: String) -> (version: VersionNumber, why: String)? {
        switch tool {
        // curl's docs/options-in-versions and curl(1): `%{exitcode}` and `%{errormsg}` of --write-out
        // came with 7.75.0; without them no answer of several can be told from a failure.
        case "curl":
            (VersionNumber(7, 75), "before 7.75 it does not say which of several requests failed")
        case "helm": (VersionNumber(3, 10), "before 3.10 it has no --set-json")
        default: nil
        }
    }

    /// The oldest and the newest version of a program that devcluster's live tests were run with; nil
    /// where every version does.
    package static func tested(_ tool: String) -> ClosedRange<VersionNumber>? {
        switch tool {
        case "podman": VersionNumber(4, 3)...VersionNumber(5, 8)
        case "docker": VersionNumber(26, 1)...VersionNumber(28, 2)
        case "kind": VersionNumber(0, 27)...VersionNumber(0, 33)
        case "kubectl": VersionNumber(1, 31)...VersionNumber(1, 37)
        default: nil
        }
    }

    /// The line in which a program tells its version; nil when it prints nothing.
    ///
    /// - Throws: `InvocationError` when it does not tell it.
    package static func version(of tool: String, _ runner: any Runner) async throws -> String? {
        let arguments =
            switch tool {
            case "kind": ["version"]
            case "helm": ["version", "--short"]
            case "kubectl": ["version", "--client"]
            default: ["--version"]
            }
        return try await runner.run(Invocation(tool, arguments)).checked().text
            .split(whereSeparator: \.isNewline).first.map(String.init)
    }
}
