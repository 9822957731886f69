import Arguments
import Forwards
import Sessions
import Settings
import Vocabulary

/// `devcluster pf start`.
struct PortForwardStartCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "start", summary: "Start forwards, and return when they are usable",
        examples: [
            Example("devcluster pf start", "every forward of the configuration"),
            Example("devcluster pf start gateway", "one of them"),
            Example(
                "devcluster pf start svc/gateway 19099:8080 -n shop", "one that is not configured"),
            Example("devcluster pf start svc/gateway 0:8080", "on a free port"),
        ])

    @Argument(
        value: "NAME", help: "Configured forwards (default: all), or a target and LOCAL:REMOTE",
        completion: .live("forwards"))
    var names: [String] = []
    @Option(value: "ADDRESS", help: "Address on this machine instead of 127.0.0.1")
    var address: IPAddress?
    @Flag(help: "Allow an address that other machines can reach")
    var expose: Bool
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        if let address, !address.isLoopback, !expose {
            throw UsageError(
                "other machines may reach \(address), and a forward asks nobody who they are",
                hint: "if that is wanted, say --expose")
        }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self, overrides: place.overrides)
        let forwards = PortForwards(session: session)
        let adHoc = try adHoc(forwards)
        var wanted = try adHoc.map { [$0] } ?? forwards.select(names)
        guard !wanted.isEmpty else {
            throw DevClusterError(
                .usage, "no forwards are configured",
                hint: "describe them in spec.forwards, or: devcluster pf start svc/NAME"
                    + " LOCAL:REMOTE")
        }
        if let address { for index in wanted.indices { wanted[index].address = address } }
        let statuses = try await forwards.start(
            wanted, origin: adHoc == nil ? .configured : .adHoc)
        return ForwardsReport(cluster: session.place.cluster, statuses: statuses)
    }

    /// The forward that `svc/gateway 19099:8080` describes.
    private func adHoc(_ forwards: PortForwards) throws -> Configuration.Forward? {
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
        // A port of 0 is chosen, and found again by the name.
        let isAny = ports[0] == "0"
        let name = try ForwardName(
            ForwardName.made(
                of: "\(target.kind.rawValue)-\(target.name)"
                    + (isAny ? "-to-\(ports[1])" : "-\(ports[0])")))
        let port = isAny ? try forwards.anyPort(for: name) : try PortNumber(String(ports[0]))
        return Configuration.Forward(
            name: name, target: target, port: port, targetPort: try TargetPort(String(ports[1])),
            namespace: place.namespace)
    }
}
