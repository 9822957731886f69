import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// The programs that devcluster drives, and their versions.
struct ToolChecks: Sendable {
    let doctor: Doctor

    func findings() async -> [Finding] {
        let engine = doctor.session?.engine.name ?? EngineName.allCases[0]
        async let own = version(engine.rawValue)
        async let kind = version("kind")
        async let kubectl = version("kubectl")
        async let curl = version("curl")
        async let git = version("git")
        async let helm = hasCharts ? version("helm") : nil
        return await [own, kind, kubectl, curl, git, helm].compactMap(\.self).map(judged)
    }

    /// Whether the manifests have a chart, which only Helm renders.
    private var hasCharts: Bool {
        (doctor.session?.configuration.manifests ?? []).contains { source in
            if case .helm = source { true } else { false }
        }
    }

    private struct Version {
        var tool: String
        /// What it printed first; nil when it is missing or has no answer.
        var text: String?
        /// Why it has none.
        var failure: LookFailure?
        var isInstalled: Bool
    }

    private func version(_ tool: String) async -> Version {
        guard findExecutable(tool, path: doctor.environment["PATH"]) != nil else {
            return Version(tool: tool, text: nil, isInstalled: false)
        }
        switch await doctor.look({ try await Tool.version(of: tool, doctor.runner) }) {
        case .success(let line): return Version(tool: tool, text: line, isInstalled: true)
        case .failure(let failure):
            return Version(tool: tool, text: nil, failure: failure, isInstalled: true)
        }
    }

    private func judged(_ version: Version) -> Finding {
        guard version.isInstalled else {
            // Without git there are tags too: `dev-nogit-…`.
            let severity: Finding.Severity = version.tool == "git" ? .info : .error
            return Finding(
                version.tool, severity, "it is not installed",
                remedy: Tool.installation(of: version.tool))
        }
        guard let text = version.text else {
            return Finding(
                version.tool, .error,
                "it is installed and does not tell its version: "
                    + (version.failure?.words ?? "it printed nothing"),
                remedy: "try '\(version.tool) version' by hand")
        }
        guard let number = VersionNumber(in: text) else {
            return Finding(version.tool, .warning, "it calls itself: \(text)")
        }
        if let needed = Tool.needed(of: version.tool), number < needed.version {
            return Finding(
                version.tool, .error, "\(text): \(needed.why)",
                remedy: Tool.installation(of: version.tool))
        }
        return knownFault(of: version.tool, text) ?? untested(version.tool, number, text)
            ?? Finding(version.tool, .ok, text)
    }

    /// Not an error: most versions do what the others did.
    private func untested(_ tool: String, _ number: VersionNumber, _ text: String) -> Finding? {
        guard let tested = Tool.tested(tool), !tested.contains(number) else { return nil }
        let age = number < tested.lowerBound ? "older" : "newer"
        return Finding(
            tool, .info,
            "\(text): \(age) than the versions that devcluster was tested with"
                + " (\(tested.lowerBound) to \(tested.upperBound))")
    }

    /// kind 0.32.0 writes an empty configuration for its load balancer at each start of it
    /// (kubernetes-sigs/kind#4195).
    private func knownFault(of tool: String, _ text: String) -> Finding? {
        let planes = doctor.session?.configuration.cluster.controlPlanes ?? 1
        guard tool == "kind", planes > 1, text.hasPrefix("kind v0.32.0") else { return nil }
        return Finding(
            tool, .warning,
            "\(text): the load balancer before \(planes) control planes leads nowhere any more when"
                + " it was stopped once, and the API does not answer after 'devcluster stop' or a"
                + " reboot", remedy: "kind 0.33 mends it: \(Tool.installation(of: tool))")
    }
}
