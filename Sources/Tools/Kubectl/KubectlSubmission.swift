import ChildProcess
import SystemLibraries
import Vocabulary

extension Kubectl {
    /// The ways in which objects get into a cluster.
    package enum Submission: Sendable, Hashable {
        /// What differs from the copy that is kept in an annotation is changed.
        case apply
        /// The API server itself finds out what differs: no copy, so no limit of 256 kB.
        case applyOnServer(isForced: Bool)
        /// For objects that get their name from the API server, and those that are always new.
        case create

        fileprivate var arguments: [String] {
            switch self {
            case .apply: ["apply"]
            case .applyOnServer(isForced: false): ["apply", "--server-side"]
            case .applyOnServer(isForced: true): ["apply", "--server-side", "--force-conflicts"]
            case .create: ["create"]
            }
        }
    }

    /// Hands objects to the API in one call; any exit code is a normal result.
    ///
    /// - Throws: `DevClusterError` when nothing answers, `InvocationError` when kubectl cannot
    ///   run or is interrupted.
    package func submit(_ objects: [JSONValue], by way: Submission, namespace: String?) async throws
        -> Outcome
    {
        let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
        do {
            return try await run(
                way.arguments + ["--filename", "-"], namespace: namespace,
                input: .objects(list), deadline: .seconds(120), effect: .changes)
        } catch let error as InvocationError {
            throw silence(error) ?? error
        }
    }

    /// Whether `kubectl apply` could not keep its copy of an object: all annotations of an object
    /// together have 256 kB.
    package static func isTooLargeToApply(_ object: JSONValue) throws -> Bool {
        let data = try object.encoded()
        // kubectl writes these as \u003c.
        let escapes = data.count {
            [UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&")].contains($0)
        }
        let others = (object["metadata"]?["annotations"]?.object ?? [:]).reduce(0) {
            $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0)
        }
        // What it adds: the namespace, and the annotation's own name.
        return data.count + 5 * escapes + others + 256 > 256 << 10
    }

    /// Lets server-side apply own what `kubectl apply` had set so far, as kubectl does by itself
    /// where its copy still fits: else no field could ever be removed again.
    ///
    /// - Returns: whether there was anything to hand over.
    package func handOverFields(of object: ManifestObject, namespace: String?) async throws -> Bool
    {
        let read = try await run(
            [
                "get", object.resource, object.name, "--output", "json", "--show-managed-fields",
            ], namespace: namespace)
        guard read.succeeded, let live = try? JSONValue(parsing: read.output),
            ManifestObject(live).lastApplied != nil
        else { return false }
        let fields = (live["metadata"]?["managedFields"]?.array ?? []).map { entry in
            guard entry["manager"]?.string == "kubectl-client-side-apply" else { return entry }
            var entry = entry
            entry["manager"] = "kubectl"
            entry["operation"] = "Apply"
            return entry
        }
        let patch: JSONValue = [
            ["op": "replace", "path": "/metadata/managedFields", "value": .array(fields)],
            [
                "op": "remove",
                "path": "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration",
            ],
        ]
        let outcome = try await run(
            [
                "patch", object.resource, object.name, "--type", "json", "--patch-file",
                "/dev/stdin",
            ], namespace: namespace, input: .bytes(patch.encoded()), effect: .changes)
        return outcome.succeeded
    }

    /// Waits until the API serves what was defined.
    ///
    /// - Parameter definitions: names of CustomResourceDefinitions.
    /// - Returns: whether it does in that time.
    package func waitUntilEstablished(_ definitions: [String], deadline: Duration) async throws
        -> Bool
    {
        try await run(
            ["wait", "--for", "condition=Established", "--timeout"]
                + ["\(deadline.components.seconds)s"]
                + definitions.map { "customresourcedefinition/\($0)" },
            deadline: deadline + .seconds(10)
        ).succeeded
    }
}
