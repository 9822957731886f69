import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary
import Workloads

/// The namespaces that are deployed to, as they are now.
struct DeployTarget: Sendable {
    let session: Session

    struct State: Sendable {
        /// The workloads of the project's namespace.
        var objects: [JSONValue]
        /// `Active` or `Terminating`; nil when there is no such namespace.
        var phase: String?
        /// All namespaces that are being deleted, as far as the account may see them.
        var ending: Set<String> = []
        /// The workloads of the others.
        var others: [JSONValue] = []
        /// What this configuration deployed, in all namespaces that it deployed to.
        var deployed: [JSONValue] = []

        /// The workloads of all.
        var all: [JSONValue] { objects + others }
        /// Those that are there when the deploy begins to change something.
        var lasting: [JSONValue] { phase == "Active" ? all : others }
    }

    private var namespace: String { session.configuration.namespace.description }
    static let resources = BuiltInKind.resources(
        .namespace, .deployment, .statefulSet, .daemonSet, .job, .cronJob)

    /// Namespace and workloads in one read.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer.
    func read() async throws -> State {
        let kubectl = session.kubectl
        let outcome = try await kubectl.reach {
            try await kubectl.read(DeployTarget.resources, namespace: namespace)
        }
        let items = try session.kubectl.items(session.kubectl.answeredAsAllowed(outcome))
        guard outcome.succeeded else {
            return State(
                objects: items, phase: try await session.kubectl.phase(ofNamespace: namespace))
        }
        let mine = items.first {
            ManifestObject($0).builtIn == .namespace && ManifestObject($0).name == namespace
        }
        let ending = items.filter { $0["status"]?["phase"]?.string == "Terminating" }
            .map { ManifestObject($0) }.filter { $0.builtIn == .namespace }
        return State(
            objects: items.filter { ManifestObject($0).builtIn != .namespace },
            phase: mine?["status"]?["phase"]?.string, ending: Set(ending.map(\.name)))
    }

    /// What of these objects' kinds is there already, beyond what `read` reads: in other
    /// namespaces, and of kinds that are seldom applied by themselves.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer.
    func readOthers(for objects: [JSONValue]) async throws -> [JSONValue] {
        let rare: Set<BuiltInKind> = [.pod, .replicaSet, .replicationController]
        var kinds: [String: Set<BuiltInKind>] = [:]
        for object in objects.map({ ManifestObject($0) }) {
            guard let kind = object.builtIn, kind.podSpecPath != nil, kind != .podTemplate,
                let place = object.place(home: namespace),
                place != namespace || rare.contains(kind)
            else { continue }
            kinds[place, default: []].insert(kind)
        }
        return try await kinds.sorted { $0.key < $1.key }.concurrentMap { place, kinds in
            let types = kinds.map(\.resource).sorted().joined(separator: ",")
            let kubectl = session.kubectl
            let outcome = try await kubectl.reach {
                try await kubectl.read(types, namespace: place)
            }
            return try kubectl.items(kubectl.answered(outcome))
        }.flatMap(\.self)
    }

    /// What is there of objects that name images which are not built now, and that nothing else
    /// reads: custom resources, ConfigMaps.
    ///
    /// - Parameter built: the names of the images that are built.
    /// - Throws: `DevClusterError` when the cluster does not answer.
    func readNaming(imagesBeside built: Set<String>, in objects: [JSONValue]) async throws
        -> [JSONValue]
    {
        let wanted = objects.filter { object in
            let manifest = ManifestObject(object)
            let isRead = manifest.builtIn?.podSpecPath != nil
            return !isRead && !manifest.name.isEmpty
                && session.imageRewriter.uses(in: object).contains { !built.contains($0.image) }
        }
        guard !wanted.isEmpty else { return [] }
        let placed = wanted.map { object in
            var object = object
            if object["metadata"]?["namespace"] == nil {
                object["metadata"]?["namespace"] = .string(namespace)
            }
            return object
        }
        let kubectl = session.kubectl
        let outcome = try await kubectl.reach {
            try await kubectl.readLive(placed, namespace: nil)
        }
        // Of kinds that the cluster does not know yet there is nothing.
        if !outcome.succeeded, !outcome.lacksOnlyKinds {
            _ = try kubectl.answered(outcome)
        }
        return try outcome.output.isEmpty ? [] : kubectl.objects(outcome)
    }

    /// Creates the namespace, or waits until one that is being deleted is gone and creates it.
    ///
    /// - Parameter places: all namespaces that are deployed to; of the others, which the manifests
    ///   have to make, it is only waited until they are gone.
    func ensureNamespace(_ state: State, and places: Set<String> = []) async throws -> State {
        for place in places.intersection(state.ending).subtracting([namespace]).sorted() {
            try await waitUntilGone(NamespaceName(place))
        }
        guard state.phase != "Active" else { return state }
        if state.phase == "Terminating" {
            try await waitUntilGone(session.configuration.namespace)
        }
        let object: JSONValue = [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": .string(namespace),
                "labels": [
                    DevClusterLabel.managed: "true",
                    DevClusterLabel.project: .string(session.place.cluster),
                ],
            ],
        ]
        let data = try object.encoded()
        try await session.activity.step("create namespace \(namespace)") { _ in
            _ = try await session.kubectl.apply(data, namespace: nil)
        }
        return State(
            objects: [], phase: "Active", others: state.others,
            deployed: state.deployed.filter { ManifestObject($0).namespace != namespace })
    }

    private func waitUntilGone(_ namespace: NamespaceName) async throws {
        guard !session.isDryRun else { return }
        let deletion = NamespaceDeletion(session: session, namespace: namespace)
        try await session.activity.step("wait until the old \(namespace) is gone") { step in
            guard let there = try await deletion.read() else { return }
            _ = try await NamespaceDeparture(deletion: deletion, there: there, step: step).run()
        }
    }
}
