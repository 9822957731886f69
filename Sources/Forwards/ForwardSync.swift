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
        let before = try forwards.wishes()
        var problems: [String] = []
        let annotated = await read(&problems)
        try Task.checkCancellation()
        let configured = session.configuration.forwards.map {
            forwards.wish(of: $0, origin: .configured)
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
        _ before: ForwardWishes, wanted: [ForwardWish], ended: [ForwardWish], problems: [String]
    ) async throws -> ForwardSyncReport {
        var problems = problems
        var after = before
        after.forwards.removeAll { ended.contains($0) }
        var added: [ForwardWish] = []
        for wish in wanted {
            let known = before.forwards.first { $0.name == wish.name }
            if let known, known.asksFor(wish), forwards.isUsable(known) { continue }
            let next = known.flatMap { forwards.goesOn($0, as: wish) ? $0 : nil } ?? wish
            do {
                try await forwards.requireFreePort(next, known: known)
            } catch let error as DevClusterError {
                problems.append(error.message)
                continue
            }
            after.forwards.removeAll { $0.name == wish.name }
            after.forwards.append(next)
            added.append(next)
        }
        if !session.isDryRun {
            for failure in try await forwards.change(before, to: after, added: added) {
                problems.append((failure.error as? DevClusterError)?.message ?? "\(failure.error)")
            }
        }
        return ForwardSyncReport(
            started: added.map(\.name).sorted(), ended: ended.map(\.name).sorted(),
            problems: problems, forwards: try forwards.ledger.statuses())
    }

    /// The forwards that Services ask for; nil when the cluster does not tell.
    private func read(_ problems: inout [String]) async -> [ForwardWish]? {
        struct Service: Decodable { var metadata: ObjectMetadata }
        do {
            let services = try await session.kubectl.list(
                "services", namespace: nil, as: Service.self)
            return services.sorted {
                ($0.metadata.namespace ?? "", $0.metadata.name)
                    < ($1.metadata.namespace ?? "", $1.metadata.name)
            }.flatMap { ForwardSync.wishes(of: $0.metadata, &problems) }
        } catch {
            problems.append(
                "the Services could not be read, so that forwards they asked for stay as they are")
            return nil
        }
    }

    /// What a Service's annotation asks for: `LOCAL:REMOTE[,…]`.
    static func wishes(of service: ObjectMetadata, _ problems: inout [String]) -> [ForwardWish] {
        guard let text = service.annotations?[KubectlWatch.annotation] else { return [] }
        let namespace = service.namespace ?? ""
        var wishes: [ForwardWish] = []
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
            wishes.append(
                ForwardWish(
                    name: ForwardName.made(of: "\(namespace)-\(service.name)-\(local)"),
                    namespace: namespace, target: "svc/\(service.name)", address: "127.0.0.1",
                    port: Int(local.value), targetPort: remote.description, origin: .annotated,
                    id: ForwardWish.newID()))
        }
        return wishes
    }

    /// Leaves out what wants a port that something before it wants, and says both.
    static func withoutConflicts(_ wishes: [ForwardWish], _ problems: inout [String])
        -> [ForwardWish]
    {
        var kept: [ForwardWish] = []
        for wish in wishes {
            let other = kept.first {
                $0.name == wish.name || ($0.port == wish.port && $0.address == wish.address)
            }
            guard let other else {
                kept.append(wish)
                continue
            }
            problems.append(
                "\(place(of: other)) and \(place(of: wish)) both want port \(wish.port): the"
                    + " first has it")
        }
        return kept
    }

    private static func place(of wish: ForwardWish) -> String {
        switch wish.origin {
        case .configured: "'\(wish.name)' in spec.forwards"
        case .adHoc: "'\(wish.name)' of pf start"
        case .annotated: "the annotation of service \(wish.namespace)/\(wish.target.dropFirst(4))"
        }
    }

    /// Those that two further readings do not want either: a Service that is being replaced, or an
    /// API server that starts, must not end a forward.
    private func confirmed(_ gone: [ForwardWish]) async throws -> [ForwardWish] {
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
