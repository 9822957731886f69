import Arguments
import Diagnosis
import Sessions
import Settings
import Vocabulary

/// `devcluster doctor`.
struct DoctorCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "doctor", summary: "Find out what is wrong with cluster, registry and machine",
        discussion: """
            Looks at tools, engine, limits, disk, proxies, the registry, every node (its access to \
            the registry, hosts.toml, clock), Kubernetes' own components, the kubeconfig, and what was \
            left behind, all at once and within ten seconds. A slow program is a warning; one that \
            does not answer in that time is an error. Changes nothing without --fix. Exits 2 if \
            something is wrong.
            """,
        examples: [
            Example("devcluster doctor", "what is wrong, and what to type"),
            Example(
                "devcluster doctor --fix", "repair what can be repaired safely, asking each time"),
            Example("devcluster doctor --bundle help.tar.gz", "collect what a maintainer needs"),
        ])

    @Flag(help: "Repair what is safe to repair, after asking") var fix: Bool
    @Option(
        value: "FILE",
        help:
            "Write an archive for whoever helps you, which holds only what its lists allow",
        completion: .files)
    var bundle: String?
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        // A configuration that cannot be read, or a missing engine, is what one asks a doctor about.
        let loaded = try await result { try await context.configuration(global) }
        let session = try await result {
            try await context.session(for: self, loaded.get().configuration)
        }
        func look() async throws -> DoctorReport {
            try await context.activity.step("look at everything") { step in
                try await Doctor(
                    environment: context.environment, runner: context.runner,
                    state: try context.state(), session: session
                ).run { step.progress("waiting for '\($0)'") }
            }
        }
        var report = try await look()
        if fix, !report.findings.allSatisfy({ $0.fix == nil }) {
            let fixed = try await DoctorFix(
                session: session.get(), stated: loaded.get().view.stated
            ) {
                if !isDryRun { try context.confirm($0, global) }
            }.run(report.findings)
            if !isDryRun { report = try await look() }
            report.fixed = fixed
        }
        if let bundle {
            let path = bundle.hasPrefix("/") ? bundle : "\(context.workingDirectory)/\(bundle)"
            try await DoctorBundle(
                session: session.get(), report: report, configuration: loaded.get().view,
                version: version
            ).write(to: path)
            context.activity.report(.note("wrote \(path); look through it before you send it"))
        }
        return report
    }

    /// What a look fails with is told by the look; an interruption still ends it.
    private func result<Value>(_ body: () async throws -> Value) async throws
        -> Result<Value, DevClusterError>
    {
        do {
            return .success(try await body())
        } catch let error as DevClusterError where error.code != .interrupted {
            return .failure(error)
        }
    }
}
