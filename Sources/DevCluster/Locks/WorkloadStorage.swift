/// What of a workload decides whether two of its pods can have the same data open.
struct WorkloadStorage: Sendable, Equatable {
    var replicas: BoundedInteger
    /// Whether an old and a new pod can run at the same time while it is replaced.
    var overlaps: Bool
    /// Volumes that several pods can write: `claim data`, `hostPath /srv/db`.
    var shared: [String]
    /// Whether it writes to a volume that goes with its pod.
    var hasEmptyDir: Bool
    /// Whether each of its pods has a claim of its own.
    var hasClaims: Bool
    /// The known database that one of its containers runs.
    var database: LockingDatabase?

    /// Reads a Deployment or StatefulSet, live or from a manifest.
    init(_ object: JSONValue) {
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
        database =
            containers.lazy.compactMap { $0["image"]?.string }
            .compactMap(LockingDatabase.running).first
    }

    /// Whether the next rollout starts a pod while the old one has the data.
    ///
    /// Several replicas on one volume are meant to share it.
    var blocksRollouts: Bool { overlaps && replicas <= 1 && !shared.isEmpty }

    /// Whether several of its pods fight for one volume, which no clearing can end.
    var isContested: Bool { replicas > 1 && !shared.isEmpty }

    /// Whether there is anything that a lock could be in the way of.
    var hasData: Bool { hasEmptyDir || hasClaims || !shared.isEmpty || database != nil }

    /// Whether what it wrote goes with its pod.
    var losesData: Bool { shared.isEmpty && !hasClaims }

    private static func shared(_ volume: JSONValue) -> String? {
        if let claim = volume["persistentVolumeClaim"], claim["readOnly"]?.bool != true {
            return ShownText.line("claim \(claim["claimName"]?.string ?? "?")")
        }
        guard let host = volume["hostPath"], let path = host["path"]?.string else { return nil }
        // Sockets, devices and settings of the node hold nobody's data.
        let kinds = ["Socket", "CharDevice", "BlockDevice", "File"]
        let places = ["/proc", "/sys", "/dev", "/etc", "/run", "/var/run"]
        guard !kinds.contains(host["type"]?.string ?? ""),
            !places.contains(where: { path == $0 || path.hasPrefix($0 + "/") })
        else { return nil }
        return ShownText.line("hostPath \(path)")
    }
}
