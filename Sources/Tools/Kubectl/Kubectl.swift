import ChildProcess
import SystemLibraries
import Vocabulary

/// The `kubectl` program, bound to one context: no call trusts the current one.
package struct Kubectl: Sendable {
    /// The context every call names.
    package let context: String
    /// The kubeconfig file; nil means the user's own.
    package let kubeconfig: String?
    let runner: any Runner

    /// kubectl bound to a context.
    package init(context: String, kubeconfig: String?, runner: any Runner) {
        self.context = context
        self.kubeconfig = kubeconfig
        self.runner = runner
    }

    /// Describes a run in this context; nothing starts yet.
    func invocation(
        _ arguments: [String], namespace: String? = nil, input: Invocation.Input = .none,
        deadline: Duration? = nil, effect: Invocation.Effect = .reads
    ) -> Invocation {
        // A user's kuberc may set flags for every call, such as --server-side or --interactive.
        Invocation(
            "kubectl", place(namespace) + arguments, environment: ["KUBERC": "off"],
            input: input, deadline: deadline, effect: effect)
    }

    /// The arguments that say which cluster and namespace.
    func place(_ namespace: String?) -> [String] {
        var place: [String] = []
        if let kubeconfig { place += ["--kubeconfig", kubeconfig] }
        place += ["--context", context]
        if let namespace { place += ["--namespace", namespace] }
        return place
    }

    /// Runs kubectl in this context; any exit code is a normal result.
    @discardableResult
    func run(
        _ arguments: [String], namespace: String? = nil, input: Invocation.Input = .none,
        deadline: Duration? = nil, effect: Invocation.Effect = .reads
    ) async throws -> Outcome {
        let invocation = invocation(
            arguments, namespace: namespace, input: input, deadline: deadline, effect: effect)
        var outcome = try await runner.run(invocation)
        for _ in 0..<Kubectl.roleAttempts where effect == .reads && outcome.isWithoutRoles {
            try await Task.sleep(for: .milliseconds(200))
            outcome = try await runner.run(invocation)
        }
        return outcome
    }

    /// An API server that has just started refuses its administrator for some tenths of a second.
    private static let roleAttempts = 10

    /// Reads objects of several types at once and decodes the list.
    ///
    /// Without a resource version the API server reads its store, not a cache.
    /// - Parameter resources: as kubectl takes them, for example `pods,replicasets`.
    /// - Parameter namespace: nil reads all namespaces.
    /// - Throws: `DevClusterError` when the API does not answer, or not as it must;
    ///   `InvocationError` when kubectl cannot run.
    package func list<Item: Decodable>(
        _ resources: String, namespace: String?, as type: Item.Type,
        deadline: Duration? = nil
    ) async throws -> [Item] {
        let outcome = try await reach {
            try await namespace == nil
                ? readEverywhere(resources, deadline: deadline)
                : read(resources, namespace: namespace, deadline: deadline)
        }
        return try decode(KubernetesList<Item>.self, answered(outcome)).items
    }

    /// The outcome of a read, when there is one.
    ///
    /// - Throws: `DevClusterError` with kubectl's own words when the API did not answer it.
    package func answered(_ outcome: Outcome) throws -> Outcome {
        guard outcome.succeeded else { throw unanswered(outcome) }
        return outcome
    }

    func unanswered(_ outcome: Outcome) -> DevClusterError {
        DevClusterError(
            .failed, "the cluster of context \(context) does not answer", hint: "devcluster up",
            cause: InvocationError(
                .failed(outcome.exit), outcome.invocation,
                errorOutput: KubectlRefusal.withoutFrames(outcome.errorText)))
    }

    /// The objects of a list that was read with `--output json`.
    ///
    /// - Throws: `DevClusterError` when kubectl printed anything else: what was not read is not
    ///   empty.
    package func items(_ outcome: Outcome) throws -> [JSONValue] {
        var items: [JSONValue]?
        var cause: (any Error)?
        do {
            items = try JSONValue(parsing: outcome.output)["items"]?.array
        } catch {
            cause = error
        }
        guard let items else {
            throw DevClusterError(
                .failed, "kubectl printed something that is not the expected list",
                hint: "try '\(outcome.invocation.shellQuoted)' by hand", cause: cause)
        }
        return items
    }

    /// The same where one object is printed by itself, as of files it is.
    package func objects(_ outcome: Outcome) throws -> [JSONValue] {
        guard let object = try? JSONValue(parsing: outcome.output), object["items"] == nil,
            object["kind"]?.string != nil
        else { return try items(outcome) }
        return [object]
    }

    /// Decodes a list that kubectl printed, object by object.
    package func decode<List: ItemList>(_ type: List.Type, _ outcome: Outcome) throws -> List {
        do {
            return try List(parsing: outcome.output)
        } catch {
            throw DevClusterError(
                .failed, "kubectl printed something that is not the expected list",
                hint: "try '\(outcome.invocation.shellQuoted)' by hand", cause: error)
        }
    }

    /// Decodes what kubectl printed.
    package func decode<Value: Decodable>(_ type: Value.Type, _ outcome: Outcome) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: outcome.output)
        } catch {
            throw DevClusterError(
                .failed, "kubectl printed something that is not the expected JSON",
                hint: "try '\(outcome.invocation.shellQuoted)' by hand", cause: error)
        }
    }

    /// Whether an object is there.
    ///
    /// - Parameter object: as kubectl takes it, for example `svc/web`.
    /// - Throws: `DevClusterError` when the API does not answer.
    package func exists(_ object: String, namespace: String) async throws -> Bool {
        let outcome = try await reach(
            ["get", object, "--ignore-not-found", "--output", "name"], namespace: namespace)
        return try !answered(outcome).output.isEmpty
    }
}
