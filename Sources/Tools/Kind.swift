import ChildProcess
import SystemLibraries
import Vocabulary

/// The `kind` program.
package struct Kind: Sendable {
    /// Which engine kind shall use; it is always told, for it guesses otherwise.
    let engine: EngineName
    let runner: any Runner

    package init(engine: EngineName, runner: any Runner) {
        self.engine = engine
        self.runner = runner
    }

    private func invocation(
        _ arguments: [String], input: Invocation.Input = .none, kubeconfig: String? = nil,
        environment: [String: String] = [:], deadline: Duration = .seconds(60)
    ) -> Invocation {
        var environment = environment
        environment["KIND_EXPERIMENTAL_PROVIDER"] = engine.rawValue
        if let kubeconfig { environment["KUBECONFIG"] = kubeconfig }
        return Invocation(
            "kind", arguments, environment: environment, input: input, deadline: deadline,
            effect: .changes)
    }

    /// Creates a cluster and writes its kubeconfig to a file of ours; kind's own `--wait` is not
    /// used, because it overshoots.
    ///
    /// - Parameter environment: variables that kind passes on into the nodes.
    /// - Parameter onProgress: gets each step kind begins, such as `Joining worker nodes`.
    /// - Throws: `InvocationError`; kind has then removed what it had made.
    package func create(
        cluster: String, configuration: Data, image: String?, kubeconfig: String,
        environment: [String: String] = [:],
        onProgress: @escaping @Sendable (String) -> Void
    ) async throws {
        var arguments = ["create", "cluster", "--name", cluster, "--config", "-"]
        arguments += ["--kubeconfig", kubeconfig]
        if let image { arguments += ["--image", image] }
        let invocation = invocation(
            arguments, input: .bytes(configuration), environment: environment,
            deadline: .seconds(900))
        do {
            try await runner.run(invocation) { chunk in
                let text = String(decoding: chunk.bytes, as: UTF8.self)
                for line in text.split(whereSeparator: \.isNewline) {
                    if let step = Kind.startedStep(line) { onProgress(step) }
                }
            }.checked()
        } catch let error as InvocationError where error.isFailure {
            guard let reasons = Kind.reasons(in: error.errorText) else { throw error }
            throw InvocationError(
                error.reason, error.invocation, errorOutput: Data(reasons.utf8),
                survivors: error.survivors)
        }
    }

    /// The lines that say why a cluster could not be made, of some hundred lines of kubeadm's log
    /// with the stack of its program at the end; nil where none does.
    static func reasons(in text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).map(\.trimmingSpace).filter { line in
            KindText.reasons.contains { $0.begins(line) }
        }
        var seen: Set<String> = []
        let kept = lines.filter { seen.insert($0).inserted }.prefix(12)
        return kept.isEmpty ? nil : kept.joined(separator: "\n") + "\n"
    }

    /// The step that a progress line of kind begins, from ` • Joining worker nodes 🚜  ...`
    /// (recorded with kind 0.27).
    static func startedStep(_ line: some StringProtocol) -> String? {
        let trimmed = line.trimmingSpace
        guard trimmed.hasPrefix("•"), trimmed.hasSuffix("...") else { return nil }
        let words = trimmed.dropFirst().dropLast(3)
            .filter { $0.isASCII || $0.isLetter }
        return words.trimmingSpace
    }

    /// Whether a command line is that of a kind which creates a cluster.
    package static func isCreation(_ command: [String]) -> Bool {
        command.first?.split(separator: "/").last == "kind" && command.contains("create")
    }

    /// Deletes the cluster and its entries in the user's kubeconfig; none is no error.
    package func delete(cluster: String) async throws {
        try await runner.run(
            invocation(["delete", "cluster", "--name", cluster], deadline: .seconds(180))
        ).checked()
    }

    /// Merges the cluster's entry into a kubeconfig (nil: the user's own), and makes it current
    /// there, as kind always does.
    package func exportKubeconfig(cluster: String, to kubeconfig: String?) async throws {
        var arguments = ["export", "kubeconfig", "--name", cluster]
        if let kubeconfig { arguments += ["--kubeconfig", kubeconfig] }
        try await runner.run(invocation(arguments)).checked()
    }
}

/// What kind prints.
package enum KindText {
    package static let exists = ToolText(
        "already exist for a cluster with the name", .source("kind, create.go"))

    /// What begins a line with the reason of a failure: kind's own, kubeadm's checks and phases, and
    /// what kubeadm found out about a kubelet that does not come up.
    static let reasons = [
        ToolText("ERROR: ", .recording("kind-0.27.0-create-no-image.txt")),
        // The engine's: `Error: …`, `Error response from daemon: …`.
        ToolText("Error", .recording("kind-0.27.0-create-no-image.txt")),
        ToolText("error: ", .source("kubeadm, app/util/error.go")),
        ToolText("error execution phase ", .source("kubeadm v1.20, phases/workflow/runner.go")),
        ToolText("[ERROR ", .source("kubeadm, preflight/checks.go")),
        ToolText(
            "The HTTP call equal to 'curl -sSL http://", .source("kubeadm, apiclient/wait.go")),
        ToolText("- The kubelet is ", .source("kubeadm, phases/init/waitcontrolplane.go")),
    ]

    static let all = [exists] + reasons
}
