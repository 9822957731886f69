import Arguments
import ChildProcess
import Clusters
import Deployment
import Forwards
import GettingStarted
import Sessions

/// `devcluster demo`.
struct DemoCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "demo", summary: "Show the main job on a sample application, in its own cluster",
        discussion: """
            Creates the cluster 'devcluster-demo' with its own registry, builds and deploys a \
            small web page, proves that the pods run exactly that build, and forwards a port to \
            it. --clean removes everything that it made, and nothing else.
            """,
        examples: [
            Example("devcluster demo", "see it work"),
            Example("devcluster demo --clean", "remove all of it"),
        ])

    @Flag(help: "Remove everything that the demo made") var clean: Bool
    @Option(
        value: "IMAGE",
        help: """
            Image with a busybox that serves the page (default: $DEVCLUSTER_BASE_IMAGE, \
            else \(Demo.publicBaseImage))
            """)
    var baseImage: String?
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let demo = Demo(state: try context.state())
        let isWritten = try demo.isWritten
        if clean && !isWritten { return DemoCleaned(deleted: []) }
        if !isWritten || baseImage != nil {
            let image = baseImage ?? context.environment["DEVCLUSTER_BASE_IMAGE"]
            try demo.write(baseImage: image ?? Demo.publicBaseImage)
        }
        let session = try await session(demo, context)
        if clean { return try await remove(demo, session) }
        let up = try await ClusterUp(session: session, switchesContext: false).run()
        guard !isDryRun else { return TextReport(content: "") }
        let deploy = try await Deploy(session: session).run([])
        return DemoReport(
            up: up, deploy: deploy, page: demo.page, configuration: demo.configurationFile)
    }

    private func session(_ demo: Demo, _ context: CommandContext) async throws -> Session {
        var context = context
        // The demo's names and ports are its own: only what is needed to get images is taken over.
        let kept = [
            "DEVCLUSTER_NODE_IMAGE", "DEVCLUSTER_REGISTRY_IMAGE", "DEVCLUSTER_ENGINE",
            "DEVCLUSTER_STATE", "DEVCLUSTER_RUN",
        ]
        context.environment = context.environment.filter { name, _ in
            !name.hasPrefix("DEVCLUSTER_") || kept.contains(name)
        }
        var command = self
        command.global.config = demo.configurationFile
        return try await context.session(for: command)
    }

    private func remove(_ demo: Demo, _ session: Session) async throws -> any Report {
        let report = try await ClusterDown(session: session, removesData: true).run()
        if !isDryRun { demo.remove() }
        return DemoCleaned(deleted: report.deleted)
    }
}

/// What the demo showed.
struct DemoReport: Report {
    var up: UpReport
    var deploy: DeployReport
    var page: String
    var configuration: String

    var exitCode: Int32 { deploy.exitCode }

    func text(_ style: TextStyle) -> String {
        let url = deploy.forwards.first?.forward.url ?? ""
        return """
            \(deploy.text(style))

            The page: \(style.bold(url))

            Try next:
              edit \(page)
              devcluster --config \(configuration) deploy --unique-tag
              devcluster --config \(configuration) verify-image
              devcluster pf list
              devcluster demo --clean
            """
    }
}

/// What `demo --clean` removed.
struct DemoCleaned: Report {
    var deleted: [String]

    func text(_ style: TextStyle) -> String {
        deleted.isEmpty
            ? "there is no demo to remove" : "deleted " + deleted.joined(separator: ", ")
    }
}
