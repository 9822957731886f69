import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Collects into one archive what somebody needs who is asked for help.
///
/// Of each file only what its allow-list names stays, and what is kept has to look as such a value
/// does; see `BundleFile`.
public struct DoctorBundle: Sendable {
    let session: Session
    let report: DoctorReport
    let configuration: ConfigurationView
    let version: String

    /// Describes the work; nothing starts yet.
    ///
    /// - Parameter version: of this program.
    public init(
        session: Session, report: DoctorReport, configuration: ConfigurationView, version: String
    ) {
        self.session = session
        self.report = report
        self.configuration = configuration
        self.version = version
    }

    private static let limit = Duration.seconds(15)

    /// Writes the archive, a gzipped tar that only this user can read.
    ///
    /// - Parameter path: absolute; a file that is there is not replaced.
    /// - Throws: `DevClusterError` when it cannot be written.
    public func write(to path: String) async throws {
        guard try !WholeFile.exists(path, followsLinks: false) else {
            throw DevClusterError(
                .usage, "\(path) exists already", hint: "name another file, or remove it")
        }
        let name = "devcluster-doctor"
        let folder =
            FileManager.default.temporaryDirectory.path + "/\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await session.activity.step("collect") { step in
            for file in try await files(step) {
                try AtomicFile.write(
                    Data(file.text.utf8), to: "\(folder)/\(name)/\(file.name)", mode: 0o600,
                    survivesPowerLoss: false)
            }
        }
        // Through us, because tar would let everybody read what it makes.
        guard let archive = try await Tar(runner: session.runner).archive(name, in: folder) else {
            return
        }
        try AtomicFile.write(archive, to: path, mode: 0o600)
    }

    /// Everything that goes into the archive.
    func files(_ step: ActivityStep) async throws -> [BundleFile] {
        let containers = await inspected()
        let place = session.place
        let words = BundleWords(
            names: containers.map(\.name) + [
                place.cluster, place.registry.name, place.registry.network, place.context,
                place.registryHost, session.engine.name.rawValue,
            ])
        var files = [
            BundleFile.json(
                "version.json", ["devcluster": .string(version)], keeping: ["devcluster": .name],
                words),
            BundleFile.json(
                "doctor.json", try JSONValue(encoding: report), keeping: .report, words),
            BundleFile.json(
                "containers.json", try JSONValue(encoding: containers), keeping: .containers,
                words),
            configurationFile(words),
        ]
        for source in sources(containers) {
            step.progress(source.name)
            files.append(try await file(source, words))
        }
        return files + stateFiles(words)
    }

    /// The fields of the configuration that are allowed; of the others only how many there are.
    private func configurationFile(_ words: BundleWords) -> BundleFile {
        var fields: [String: JSONValue] = [:]
        var allowed: [String: BundleAllowance] = ["left out": .number]
        var leftOut: Int64 = 0
        for entry in configuration.entries {
            let place = entry.path.replacing(/\[[0-9]+\]/, with: "[]")
            guard let shape = BundleShape.configuration[place] else {
                leftOut += 1
                continue
            }
            allowed[entry.path] = ["value": .value(shape), "origin": .name]
            fields[entry.path] = [
                "value": entry.value.map { JSONValue.string($0) } ?? .null,
                "origin": .string(entry.origin.rawValue),
            ]
        }
        fields["left out"] = .integer(leftOut)
        return .json("configuration.json", .object(fields), keeping: .members(allowed), words)
    }

    /// A container without its environment.
    private struct Described: Encodable {
        struct Mount: Encodable {
            var type: String
            var destination: String
        }
        struct Port: Encodable {
            var hostAddress: String
            var hostPort: Int
            var containerPort: String
        }
        var name: String
        var id: String
        var status: String
        var image: String
        var labels: [String: String]
        var networks: [String: String]
        var mounts: [Mount]
        var ports: [Port]
    }

    private func inspected() async -> [Described] {
        let nodes = (try? await session.engine.nodes(ofCluster: session.place.cluster)) ?? []
        let name = session.place.registry.name
        let registry = try? await session.engine.containers(named: [name])[name]
        return (nodes + [registry].compactMap(\.self)).map { container in
            Described(
                name: container.name, id: container.id, status: container.status,
                image: container.image, labels: container.labels, networks: container.networks,
                mounts: container.mounts.map {
                    Described.Mount(type: $0.type, destination: $0.destination)
                },
                ports: container.publications.map {
                    Described.Port(
                        hostAddress: $0.hostAddress, hostPort: $0.hostPort,
                        containerPort: $0.containerPort)
                })
        }
    }

    /// What is asked, and what of the answer is a file of the bundle.
    private struct Source: Sendable {
        enum Content {
            case json(BundleAllowance)
            case settings([String: BundleShape])
            case prose
        }
        var name: String
        var content: Content
        var ask: @Sendable () async throws -> Outcome

        init(
            _ name: String, _ content: Content,
            _ ask: @escaping @Sendable () async throws -> Outcome
        ) {
            self.name = name
            self.content = content
            self.ask = ask
        }
    }

    private func sources(_ containers: [Described]) -> [Source] {
        let (engine, kubectl) = (session.engine, session.kubectl)
        let registry = session.place.registry
        let limit = DoctorBundle.limit
        var sources = [
            Source("engine/info.json", .json(.engineInfo)) {
                try await engine.printedInfo(deadline: limit)
            },
            Source("engine/network.json", .json(.network)) {
                try await engine.printedNetwork(registry.network, deadline: limit)
            },
            Source("registry.log", .prose) {
                try await engine.log(of: registry.name, lines: 200, deadline: limit)
            },
            Source("kubernetes/nodes.json", .json(.nodes)) {
                try await kubectl.read("nodes", namespace: nil, deadline: limit)
            },
            Source("kubernetes/pods.json", .json(.pods)) {
                try await kubectl.readEverywhere("pods", deadline: limit)
            },
            Source("kubernetes/events.json", .json(.events)) {
                try await kubectl.readEverywhere("events", deadline: limit)
            },
        ]
        for node in containers where node.name != registry.name && node.status == "running" {
            sources += NodeEvidence.allCases.map { evidence in
                let (name, content) = DoctorBundle.file(of: evidence)
                return Source("nodes/\(node.name)/\(name)", content) {
                    try await engine.printed(evidence, of: node.name, deadline: limit)
                }
            }
        }
        return sources
    }

    private static func file(of evidence: NodeEvidence) -> (name: String, content: Source.Content) {
        switch evidence {
        case .containerdSettings: ("containerd.toml", .settings(BundleShape.containerdSettings))
        case .hostsSettings: ("hosts.toml", .settings(BundleShape.hostsSettings))
        case .images: ("images.json", .json(.crictlImages))
        case .containers: ("containers.json", .json(.crictlContainers))
        case .journal: ("journal.log", .prose)
        }
    }

    private func file(_ source: Source, _ words: BundleWords) async throws -> BundleFile {
        let outcome: Outcome
        do {
            outcome = try await source.ask()
        } catch {
            try Task.checkCancellation()
            return .prose(source.name + ".error", Doctor.words(error), words)
        }
        guard outcome.succeeded else {
            return .prose(source.name + ".error", outcome.errorText, words)
        }
        switch source.content {
        case .json(let allowance):
            return .json(source.name, outcome.output, keeping: allowance, words)
        case .settings(let keys):
            return .settings(source.name, outcome.text, keeping: keys, words)
        case .prose: return .prose(source.name, outcome.text + outcome.errorText, words)
        }
    }

    private func stateFiles(_ words: BundleWords) -> [BundleFile] {
        func file(_ name: String, _ made: (Data) -> BundleFile) -> BundleFile? {
            do {
                return try WholeFile.read("\(session.place.folder)/\(name)").map(made)
            } catch {
                return BundleFile.prose("state/\(name).error", Doctor.words(error), words)
            }
        }
        return [
            file("cluster.json") {
                .json("state/cluster.json", $0, keeping: .clusterRecord, words)
            },
            file("records.jsonl") {
                .jsonLines("state/records.json", $0, keeping: .record, words)
            },
        ].compactMap(\.self)
    }
}
