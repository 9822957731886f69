import Arguments
import DevCluster

/// `devcluster pf start`.
struct PortForwardStart: Command {
    static let specification = CommandSpecification(
        name: "start", summary: "Start forwards, and return when they are usable",
        examples: [
            Example("devcluster pf start", "every forward of the configuration"),
            Example("devcluster pf start gateway", "one of them"),
            Example(
                "devcluster pf start svc/gateway 19099:8080 -n shop", "one that is not configured"),
        ])

    @Argument(
        value: "NAME", help: "Configured forwards (default: all), or a target and LOCAL:REMOTE",
        completion: .live("forwards"))
    var names: [String] = []
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    var isDryRun: Bool { dry.dryRun }

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(
            global, overrides: place.overrides, isDryRun: isDryRun)
        let forwards = PortForwards(session: session)
        let wanted = try adHoc().map { [$0] } ?? forwards.select(names)
        guard !wanted.isEmpty else {
            throw DevClusterError(
                .usage, "no forwards are configured",
                hint: "describe them in spec.forwards, or: devcluster pf start svc/NAME"
                    + " LOCAL:REMOTE")
        }
        let statuses = try await forwards.start(wanted)
        return ForwardsReport(
            forwards: statuses.map {
                ForwardsReport.Row(cluster: session.place.cluster, status: $0)
            })
    }

    /// The forward that `svc/gateway 19099:8080` describes.
    private func adHoc() throws -> Configuration.Forward? {
        guard let first = names.first, first.contains("/") else { return nil }
        let target = try TargetReference(first)
        guard names.count == 2 else {
            throw UsageError(
                "a target needs exactly one LOCAL:REMOTE after it",
                hint: "devcluster pf start \(first) 8080:80")
        }
        let ports = names[1].split(separator: ":", omittingEmptySubsequences: false)
        guard ports.count == 2 else {
            throw UsageError("'\(names[1])' is not LOCAL:REMOTE, such as 8080:80")
        }
        let name = "\(target.kind.rawValue)-\(target.name)-\(ports[0])"
        return Configuration.Forward(
            name: try ForwardName(name), target: target, port: try PortNumber(String(ports[0])),
            targetPort: try TargetPort(String(ports[1])), namespace: place.namespace)
    }
}
