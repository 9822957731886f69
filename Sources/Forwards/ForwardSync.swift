import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary

/// What `pf sync` changed.
public struct ForwardSyncReport: Codable, Sendable, Equatable {
    /// Forwards that were started.
    public var started: [String]
    /// Forwards that are no longer wanted, and were ended.
    public var ended: [String]
    /// What could not be done, and why; what runs was left as it is.
    public var problems: [String]
    /// All forwards of the cluster afterwards.
    public var forwards: [ForwardStatus]

    /// 0 all as wanted, 2 something is not.
    public var exitCode: Int32 { problems.isEmpty ? 0 : 2 }
}

/// Makes what runs equal to what the configuration and the Services' annotations want.
///
/// Forwards that were asked for by hand stay. A read that fails tells nothing: nothing is ended.
public struct ForwardSync: Sendable {
    let session: Session
    /// The pause between readings that must agree before a forward is ended.
    var pause: Duration = .seconds(1)
    var forwards: PortForwards

    /// Describes the work; nothing starts yet.
    public init(session: Session) {
        self.session = session
        forwards = PortForwards(session: session)
    }

    /// Does it.
    ///
    /// - Throws: `DevClusterError` when there is no cluster, or the state folder cannot be used.
    public func run() async throws -> ForwardSyncReport {
        try await session.requireCluster()
        let lock = try await session.lock("\(session.place.folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        let before = try forwards.requests.specs()
        var problems: [String] = []
        let annotated = await read(&problems)
        try Task.checkCancellation()
        let configured = session.configuration.forwards.map {
            forwards.spec(of: $0, origin: .configured)
        }
        let wanted = ForwardSync.withoutConflicts(
            configured + (annotated ?? []) + before.forwards.filter { $0.origin == .adHoc },
            &problems)
        var ended = before.forwards.filter { known in
            known.origin == .configured && !wanted.contains { $0.name == known.name }
        }
        if annotated != nil {
            ended += try await confirmed(
                before.forwards.filter { known in
                    known.origin == .annotated && !wanted.contains { $0.name == known.name }
                })
        }
        return try await apply(before, wanted: wanted, ended: ended, problems: problems)
    }

    private func apply(
        _ before: ForwardSpecs, wanted: [ForwardSpec], ended: [ForwardSpec], problems: [String]
    ) async throws -> ForwardSyncReport {
        let plan = try await forwards.plan(wanted, ended: ended, from: before)
        var failures = plan.failures
        if !session.isDryRun { failures += try await forwards.requests.change(plan) }
        return ForwardSyncReport(
            started: plan.added.map(\.name).sorted(), ended: ended.map(\.name).sorted(),
            problems: problems + failures.map { ForwardProblem($0.error).message },
            forwards: try ForwardLedger(folder: session.place.folder).statuses())
    }

    /// The forwards that Services ask for; nil when the cluster does not tell.
    private func read(_ problems: inout [String]) async -> [ForwardSpec]? {
        struct Service: Decodable { var metadata: ObjectMetadata }
        do {
            let services = try await session.kubectl.list(
                "services", namespace: nil, as: Service.self)
            return services.sorted {
                ($0.metadata.namespace ?? "", $0.metadata.name)
                    < ($1.metadata.namespace ?? "", $1.metadata.name)
            }.flatMap { ForwardSync.specs(of: $0.metadata, &problems) }
        } catch {
            problems.append(
                "the Services could not be read, so that forwards they asked for stay as they are")
            return nil
        }
    }

    /// What a Service's annotation asks for: `LOCAL:REMOTE[,…]`.
    static func specs(of service: ObjectMetadata, _ problems: inout [String]) -> [ForwardSpec] {
        guard let text = service.annotations?[KubectlWatch.annotation] else { return [] }
        let namespace = service.namespace ?? ""
        var specs: [ForwardSpec] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ports = part.split(separator: ":", omittingEmptySubsequences: false)
                .map { $0.drop { $0 == " " } }
            guard ports.count == 2, let local = try? PortNumber(String(ports[0])),
                let remote = try? TargetPort(String(ports[1]))
            else {
                problems.append(
                    "service \(namespace)/\(service.name): \(KubectlWatch.annotation) is"
                        + " \(ShownText.quoted(text)), and must be LOCAL:REMOTE[,…]")
                return []
            }
            specs.append(
                ForwardSpec(
                    name: ForwardName.made(of: "\(namespace)-\(service.name)-\(local)"),
                    namespace: namespace, target: "svc/\(service.name)", address: "127.0.0.1",
                    port: Int(local.value), targetPort: remote.description, origin: .annotated,
                    id: ForwardSpec.newID()))
        }
        return specs
    }

    /// Leaves out what wants a port that something before it wants, and says both.
    static func withoutConflicts(_ specs: [ForwardSpec], _ problems: inout [String])
        -> [ForwardSpec]
    {
        var kept: [ForwardSpec] = []
        for spec in specs {
            let other = kept.first {
                $0.name == spec.name || ($0.port == spec.port && $0.address == spec.address)
            }
            guard let other else {
                kept.append(spec)
                continue
            }
            problems.append(
                "\(place(of: other)) and \(place(of: spec)) both want port \(spec.port): the"
                    + " first has it")
        }
        return kept
    }

    private static func place(of spec: ForwardSpec) -> String {
        switch spec.origin {
        case .configured: "'\(spec.name)' in spec.forwards"
        case .adHoc: "'\(spec.name)' of pf start"
        case .annotated: "the annotation of service \(spec.namespace)/\(spec.target.dropFirst(4))"
        }
    }

    /// Those that two further readings do not want either: a Service that is being replaced, or an
    /// API server that starts, must not end a forward.
    private func confirmed(_ gone: [ForwardSpec]) async throws -> [ForwardSpec] {
        var gone = gone
        for _ in 0..<2 where !gone.isEmpty {
            try await Task.sleep(for: pause)
            var ignored: [String] = []
            guard let wanted = await read(&ignored) else { return [] }
            gone.removeAll { known in wanted.contains { $0.name == known.name } }
        }
        return gone
    }
}

extension ForwardName {
    /// The text as far as it can be a forward's name.
    public static func made(of text: String) -> String {
        let safe = text.lowercased().map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        return String(String(safe).suffix(63).drop { $0 == "-" })
    }
}
