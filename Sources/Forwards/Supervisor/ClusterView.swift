import Tools
import Vocabulary

/// What is known of a cluster's pods and of what chooses them.
///
/// Knowledge is only replaced by knowledge: a read that failed changes nothing.
struct ClusterView {
    /// The pod and port that a forward leads to, or why there is none.
    enum Choice: Equatable {
        /// Nothing was read yet.
        case unknown
        /// It cannot work as things are, for this reason.
        case impossible(String)
        /// No pod is ready, for this reason; perhaps one soon will be.
        case none(String, coming: Destination?)
        /// The newest ready pod.
        case pod(Destination)
    }

    /// A port of a pod.
    struct Destination: Equatable {
        var pod: KubectlWatch.Item
        var port: Int

        /// Whether it is the same port of the same pod, however that is.
        func isSame(as other: Destination) -> Bool {
            pod.uid == other.pod.uid && port == other.port
        }
    }

    private struct Key: Hashable {
        var kind: String
        var namespace: String
        var name: String
    }

    /// A pod, with the reading that told of it last.
    private struct Known {
        var item: KubectlWatch.Item
        var reading: Int
    }

    private var pods: [String: Known] = [:]
    private var targets: [Key: KubectlWatch.Item] = [:]
    private var hasRead = false
    /// How many readings were begun.
    private(set) var reading = 0
    /// The last reading that came to its end.
    private(set) var completed = 0
    /// Pods that the watch told the end of since the reading began.
    private var deleted: Set<String> = []
    /// How often something was noted: what was concluded at the same count still holds.
    private(set) var changes = 0

    /// Begins a reading: what its answer does not name, and was not told of since, is gone.
    mutating func beginReading() {
        reading += 1
        deleted = []
    }

    /// Takes note of what the watch tells.
    mutating func note(_ item: KubectlWatch.Item) {
        guard item.kind == "Pod" else { return }
        changes += 1
        let isGone = item.event == "DELETED"
        pods[item.uid] = isGone ? nil : Known(item: item, reading: reading)
        if isGone { deleted.insert(item.uid) }
    }

    /// Whether new connections may go to the pod.
    func isReady(_ uid: String) -> Bool {
        pods[uid].map { $0.item.isReady && !$0.item.isBeingDeleted } ?? false
    }

    /// Replaces what was known by a whole answer.
    mutating func endReading(_ items: [KubectlWatch.Item]) {
        hasRead = true
        changes += 1
        completed = reading
        targets = [:]
        var seen: Set<String> = []
        for item in items {
            guard item.kind == "Pod" else {
                targets[Key(kind: item.kind, namespace: item.namespace, name: item.name)] = item
                continue
            }
            guard !deleted.contains(item.uid) else { continue }
            seen.insert(item.uid)
            // What the watch told meanwhile is newer.
            if pods[item.uid]?.reading != reading {
                pods[item.uid] = Known(item: item, reading: reading)
            }
        }
        pods = pods.filter { seen.contains($0.key) || $0.value.reading == reading }
    }

    /// Where a forward leads now.
    func choice(for spec: ForwardSpec) -> Choice {
        guard hasRead else { return .unknown }
        let (kind, name) = ClusterView.kindAndName(spec.target)
        let place = "in namespace \(spec.namespace)"
        if kind == "Pod" {
            let found = pods.values.first {
                $0.item.namespace == spec.namespace && $0.item.name == name
            }
            guard let pod = found?.item else {
                return .impossible("\(spec.target) \(place) not found")
            }
            return choose([pod], spec, port: spec.targetPort)
        }
        guard
            let target = targets[Key(kind: kind, namespace: spec.namespace, name: name)]
        else { return .impossible("\(spec.target) \(place) not found") }
        guard let selector = target.selector else {
            return .impossible("\(spec.target) \(place) chooses its pods by no labels")
        }
        var port = spec.targetPort
        if kind == "Service" {
            switch ClusterView.servicePort(spec, target) {
            case .failure(let problem): return .impossible(problem.reason)
            case .success(let chosen): port = chosen
            }
        }
        let members = pods.values.map(\.item).filter { pod in
            pod.namespace == spec.namespace
                && selector.allSatisfy { pod.labels[$0.key] == $0.value }
        }
        return choose(members, spec, port: port)
    }

    private func choose(_ pods: [KubectlWatch.Item], _ spec: ForwardSpec, port: String) -> Choice {
        let oldestFirst = pods.sorted { ($0.created, $0.uid) < ($1.created, $1.uid) }
        let alive = oldestFirst.filter { !$0.isBeingDeleted }
        if let newest = alive.last(where: \.isReady) {
            switch ClusterView.destination(newest, port) {
            case .failure(let problem): return .impossible(problem.reason)
            case .success(let destination): return .pod(destination)
            }
        }
        let place = "\(spec.target) in namespace \(spec.namespace)"
        guard !pods.isEmpty else { return .none("\(place) has no pod", coming: nil) }
        let states = oldestFirst.suffix(3).map {
            "\($0.name) is \($0.isBeingDeleted ? "being deleted" : $0.reason)"
        }
        let coming = alive.last(where: \.isRunning).flatMap {
            try? ClusterView.destination($0, port).get()
        }
        return .none(
            "no pod of \(place) is ready: " + states.joined(separator: ", "), coming: coming)
    }

    /// The port of a pod, which may be named.
    private static func destination(_ pod: KubectlWatch.Item, _ port: String)
        -> Result<Destination, Problem>
    {
        if let number = Int(port) {
            let declared = pod.ports.filter { $0.number.value == number }
            guard declared.isEmpty || declared.contains(where: \.isTCP) else {
                return .failure(Problem(reason: udp("port \(number) of pod \(pod.name)")))
            }
            return .success(Destination(pod: pod, port: number))
        }
        guard let named = pod.ports.first(where: { $0.name == port }) else {
            return .failure(Problem(reason: "pod \(pod.name) has no port named '\(port)'"))
        }
        guard named.isTCP else {
            return .failure(Problem(reason: udp("port '\(port)' of pod \(pod.name)")))
        }
        return .success(Destination(pod: pod, port: named.number.value))
    }

    private struct Problem: Error { var reason: String }

    /// The port of the pods that a Service's port leads to.
    private static func servicePort(_ spec: ForwardSpec, _ service: KubectlWatch.Item)
        -> Result<String, Problem>
    {
        let matching = service.ports.filter {
            $0.name == spec.targetPort || "\($0.number)" == spec.targetPort
        }
        guard let port = matching.first(where: \.isTCP) else {
            guard matching.isEmpty else {
                return .failure(Problem(reason: udp("port \(spec.targetPort) of \(spec.target)")))
            }
            let known = service.ports.map { port in
                port.name.map { "\(port.number) (\($0))" } ?? "\(port.number)"
            }
            return .failure(
                Problem(
                    reason: "\(spec.target) in namespace \(spec.namespace) has no port"
                        + " \(spec.targetPort); it has: \(known.joined(separator: ", "))"))
        }
        return .success(port.target ?? "\(port.number)")
    }

    private static func udp(_ port: String) -> String {
        "\(port) is UDP, and kubectl forwards only TCP"
    }

    private static func kindAndName(_ target: String) -> (kind: String, name: String) {
        let parts = target.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return ("", target) }
        switch parts[0] {
        case "svc": return ("Service", parts[1])
        case "deployment": return ("Deployment", parts[1])
        case "statefulset": return ("StatefulSet", parts[1])
        default: return ("Pod", parts[1])
        }
    }
}
