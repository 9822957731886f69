import ChildProcess
import SystemLibraries
import Vocabulary

/// The `helm` program: it renders charts and never gets a cluster.
///
/// Flags and messages are those of Helm 3.10, which brought `--set-json`, to 4.0.
package struct Helm: Sendable {
    /// What is rendered; paths are absolute.
    package struct Release: Sendable, Equatable {
        /// Folder or archive.
        var chart: String
        /// As the configuration names the chart.
        var shown: String
        var name: String
        var namespace: String
        var values: [String] = []
        var set: [String: JSONValue] = [:]
        /// What the chart takes for the cluster's version; nil leaves it to Helm.
        var kubernetes: String?

        package init(
            chart: String, shown: String, name: String, namespace: String, values: [String] = [],
            set: [String: JSONValue] = [:], kubernetes: String? = nil
        ) {
            self.chart = chart
            self.shown = shown
            self.name = name
            self.namespace = namespace
            self.values = values
            self.set = set
            self.kubernetes = kubernetes
        }
    }

    let runner: any Runner

    package init(runner: any Runner) {
        self.runner = runner
    }

    /// Renders a chart with its definitions and hooks.
    ///
    /// - Parameters:
    ///   - folder: where it runs.
    ///   - environment: added to its own.
    /// - Returns: manifests, as YAML.
    /// - Throws: `DevClusterError` without Helm, or with its words.
    package func template(_ release: Release, in folder: String, environment: [String: String])
        async throws -> Data
    {
        let outcome: Outcome
        do {
            outcome = try await runner.run(
                Invocation(
                    "helm", try Helm.arguments(release), environment: environment,
                    directory: folder, deadline: .seconds(120)))
        } catch let error as InvocationError where error.reason == .notFound {
            throw DevClusterError(
                .unavailable,
                "helm is not installed, and the chart \(ShownText.line(release.shown)) is rendered"
                    + " with it", hint: Tool.installation(of: "helm"), cause: error)
        }
        guard outcome.succeeded else {
            throw DevClusterError(
                .failed, "helm does not render the chart \(ShownText.line(release.shown))",
                hint: Helm.hint(outcome.errorText, release),
                cause: InvocationError(
                    .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput))
        }
        return outcome.output
    }

    private static func arguments(_ release: Release) throws -> [String] {
        var arguments = [
            "template", release.name, release.chart, "--namespace", release.namespace,
            "--include-crds",
        ]
        if let version = release.kubernetes { arguments += ["--kube-version", version] }
        for file in release.values { arguments += ["--values", CommaSeparated.value(file)] }
        for (key, value) in release.set.sorted(by: { $0.key < $1.key }) {
            // Unlike --set it keeps types, and neither commas nor braces mean anything.
            let json = String(decoding: try value.encoded(), as: UTF8.self).trimmingSpace
            arguments += ["--set-json", "\(key)=\(json)"]
        }
        return arguments
    }

    /// What fetches a chart from elsewhere.
    package static func pull(_ chart: String) -> Invocation {
        Invocation("helm", ["pull", "--untar", chart])
    }

    private static func hint(_ errorText: String, _ release: Release) -> String? {
        if HelmText.missingChart.isIn(errorText) {
            return Invocation("helm", ["dependency", "build", release.chart]).shellQuoted
        }
        if HelmText.unknownFlag.isIn(errorText) {
            return "Helm 3.10 or newer is needed: helm version"
        }
        return nil
    }
}

/// What Helm prints, 3.10 to 4.0.
enum HelmText {
    static let missingChart = ToolText("missing in charts/ directory", .unknown)
    static let unknownFlag = ToolText("unknown flag: ", .unknown)

    static let all = [missingChart, unknownFlag]
}
