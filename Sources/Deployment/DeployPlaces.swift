import Sessions
import Tools
import Vocabulary

/// What a deploy does in each of the namespaces that it touches.
extension Deploy {
    /// Runs it with the locks of all namespaces that it is likely to change.
    ///
    /// - Parameter body: gives nil when it needs more, which have to be taken in their order:
    ///   then it is run again with all of them.
    func locking(_ body: (inout NamespaceLocks) async throws -> DeployReport?)
        async throws -> DeployReport
    {
        var known = try ProjectNamespaces(session: session).recorded
        while true {
            var locks = try await NamespaceLocks(known, session: session)
            defer { withExtendedLifetime(locks) {} }
            if let report = try await body(&locks) { return report }
            known = locks.wanted
        }
    }

    /// Every namespace that the objects are in, or are; the project's always.
    func places(of objects: [JSONValue]) -> Set<String> {
        Set(objects.compactMap { ManifestObject($0).place(home: namespace) } + [namespace])
    }

    /// Deletes what would not run again when it is applied, in every namespace.
    func replaceEnded(_ planned: [JSONValue], live: [JSONValue]) async throws {
        let old = Dictionary(grouping: live) { ManifestObject($0).namespace ?? namespace }
        let new = Dictionary(grouping: planned) { ManifestObject($0).namespace ?? namespace }
        for (place, objects) in new.sorted(by: { $0.key < $1.key }) {
            try await ManifestApplier(session: session, namespace: place)
                .replaceJobs(objects, live: old[place] ?? [])
            try await EndedPods(session: session, namespace: place)
                .replace(objects, live: old[place] ?? [])
        }
    }

    /// Runs it while nobody has the data of locked workloads open, in any of the namespaces.
    func clearingLocks(
        _ planned: [JSONValue], live: [JSONValue], _ apply: () async throws -> AppliedDeploy
    ) async throws -> AppliedDeploy {
        let old = Dictionary(grouping: live) { ManifestObject($0).namespace ?? namespace }
        let new = Dictionary(grouping: planned) { ManifestObject($0).namespace ?? namespace }
        func around(_ places: ArraySlice<String>) async throws -> AppliedDeploy {
            guard let place = places.first else { return try await apply() }
            return try await DeployLocks(session: session, namespace: place).around(
                new[place] ?? [], live: old[place] ?? [], areComplete: false
            ) { try await around(places.dropFirst()) }
        }
        return try await around(old.keys.sorted()[...])
    }
}
