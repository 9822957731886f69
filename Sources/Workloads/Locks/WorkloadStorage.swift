import Tools
import Vocabulary

/// What of a workload decides whether two of its pods can have the same data open.
package struct WorkloadStorage: Sendable, Equatable {
    package var replicas: BoundedInteger
    /// Whether an old and a new pod can run at the same time while it is replaced.
    package var overlaps: Bool
    /// Volumes that several pods can write: `claim data`, `hostPath /srv/db`.
    var shared: [String]
    /// Whether it writes to a volume that goes with its pod.
    var hasEmptyDir: Bool
    /// Whether each of its pods has a claim of its own.
    var hasClaims: Bool
    /// Whether it needs ports of its node, which the scheduler gives to one pod only.
    package var hasHostPorts: Bool
    /// The known database that one of its containers runs.
    package var database: LockingDatabase?

    /// Reads a Deployment or StatefulSet, live or from a manifest.
    package init(_ object: JSONValue) {
        let spec = object["spec"]
        let pod = spec?["template"]?["spec"]
        replicas = spec?["replicas"]?.integer ?? 1
        // The pods of a StatefulSet go before their successors come, and have claims of their own.
        overlaps =
            ManifestObject(object).builtIn == .deployment
            && (spec?["strategy"]?["type"]?.string ?? "RollingUpdate") != "Recreate"
        let containers = pod?["containers"]?.array ?? []
        let written = Set(
            containers.flatMap { $0["volumeMounts"]?.array ?? [] }
                .filter { $0["readOnly"]?.bool != true }.compactMap { $0["name"]?.string })
        let volumes = (pod?["volumes"]?.array ?? []).filter { volume in
            volume["name"]?.string.map { written.contains($0) } ?? false
        }
        shared = volumes.compactMap(WorkloadStorage.shared)
        hasEmptyDir = volumes.contains { $0["emptyDir"] != nil }
        hasClaims = spec?["volumeClaimTemplates"]?.array?.isEmpty == false
        hasHostPorts =
            pod?["hostNetwork"]?.bool == true
            || containers.flatMap { $0["ports"]?.array ?? [] }.contains { $0["hostPort"] != nil }
        database =
            containers.lazy.compactMap { $0["image"]?.string }
            .compactMap(LockingDatabase.running).first
    }

    /// Whether the next rollout starts a pod while the old one has the data.
    ///
    /// Several replicas on one volume are meant to share it.
    package var blocksRollouts: Bool { overlaps && replicas <= 1 && !shared.isEmpty }

    /// Whether several of its pods fight for one volume, which no clearing can end.
    var isContested: Bool { replicas > 1 && !shared.isEmpty }

    /// Whether there is anything that a lock could be in the way of.
    package var hasData: Bool { hasEmptyDir || hasClaims || !shared.isEmpty || database != nil }

    /// Whether what it wrote goes with its pod.
    ///
    /// - Parameter isPort: whether only a port of the node is fought for: a program without any
    ///   volume has no data then that is worth a word.
    func losesData(isPort: Bool = false) -> Bool {
        shared.isEmpty && !hasClaims && (!isPort || hasEmptyDir || database != nil)
    }

    /// Why its pods are not taken away to free what one of them has; nil when that loses nothing
    /// and helps.
    ///
    /// - Parameter isConfigured: whether `spec.locks` names it, which may lose its data.
    package func objection(isPort: Bool, isConfigured: Bool) -> String? {
        if isContested && !isPort { return "clearing its lock would not help" }
        return losesData(isPort: isPort) && !isConfigured
            ? "its data may be lost with its pod, so spec.locks has to name it" : nil
    }

    private static func shared(_ volume: JSONValue) -> String? {
        if let claim = volume["persistentVolumeClaim"], claim["readOnly"]?.bool != true {
            return "\(PodHolding.claim(claim["claimName"]?.string ?? "?"))"
        }
        guard let host = volume["hostPath"], let path = host["path"]?.string,
            PodHolding.holdsData(path: path, type: host["type"]?.string)
        else { return nil }
        return "\(PodHolding.hostPath(path))"
    }
}
