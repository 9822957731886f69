import Arguments
import Vocabulary
import Workloads

/// `devcluster delete`.
struct DeleteCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "delete", summary: "Delete a namespace or manifests, and wait until they are gone",
        discussion: """
            Shows what is left while it waits, distinguishes what is slow from what is stuck, and names \
            what keeps it: finalizers, a node, an API service that is down. An API that does not \
            answer never counts as "gone". Gives up after spec.timeouts.delete.

            Finalizers are removed only with --strip-finalizers, when nothing has changed for 15 s, \
            and each is shown. What a finalizer should have cleaned up then stays.
            """,
        examples: [
            Example("devcluster delete namespace shop", "everything in the namespace"),
            Example("devcluster delete -f k8s/", "the objects of these manifests"),
            Example("devcluster delete namespace shop --yes", "without asking"),
        ])

    @Argument(value: "namespace NAME", help: "The namespace to delete")
    var what: [String] = []
    @Option(
        name: "filename", short: "f", value: "FILE",
        help: "Manifests to delete: a file, folder or kustomization", completion: .files)
    var files: [String] = []
    @Flag(help: "Remove finalizers that nobody else removes, after showing them")
    var stripFinalizers: Bool
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        guard what.isEmpty != files.isEmpty else {
            throw UsageError("say what to delete: 'namespace NAME', or '--filename FILE'")
        }
        if !what.isEmpty {
            guard what.count == 2, ["namespace", "namespaces", "ns"].contains(what[0]) else {
                throw UsageError("it is 'devcluster delete namespace NAME'")
            }
            if place.namespace != nil {
                throw UsageError("'--namespace' belongs to '--filename'")
            }
        }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let name = what.isEmpty ? nil : try NamespaceName(what[1])
        let session = try await context.session(for: self, overrides: place.overrides)
        if let name {
            let deletion = NamespaceDeletion(
                session: session, namespace: name, stripsFinalizers: stripFinalizers)
            if !isDryRun && !global.yes {
                try context.confirm(
                    DeleteCommand.question(name, await deletion.boundClaims()), global)
            }
            return try await deletion.run()
        }
        let paths = files.map {
            $0.hasPrefix("/") ? $0 : "\(context.workingDirectory)/\($0)"
        }
        let deletion = try await ObjectDeletion.reading(
            paths, session: session, stripsFinalizers: stripFinalizers)
        if !isDryRun, !deletion.precious.isEmpty {
            try context.confirm(
                "delete \(deletion.precious.joined(separator: ", ")) with all data?", global)
        }
        return try await deletion.run()
    }

    /// What is lost with a namespace, as a question.
    static func question(_ name: NamespaceName, _ claims: [BoundClaim]?) -> String {
        guard let claims else {
            return "delete the namespace '\(name)', of which nobody says what volumes it has?"
        }
        if claims.isEmpty { return "delete the namespace '\(name)' with everything in it?" }
        let names = claims.map(\.name).joined(separator: ", ")
        return "delete the namespace '\(name)' with the data of \(names)?"
    }
}
