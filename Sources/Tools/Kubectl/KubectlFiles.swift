import ChildProcess
import SystemLibraries
import Vocabulary

/// kubectl as a reader of YAML: it is the parser that our users already have.
///
/// `annotate --local` needs no cluster and accepts any kind; removing an annotation that is not
/// there changes nothing but empty maps. Of duplicate keys the last counts. When kubectl fails,
/// its standard output may hold a part of the files and counts for nothing.
package enum KubectlFiles {
    /// What is read; paths are absolute.
    package enum Source: Sendable {
        case file(String)
        /// Files, and all that are in these folders.
        case files([String])
        case text(Data)

        fileprivate var arguments: [String] {
            switch self {
            case .file(let path): ["-f", path]
            case .files(let paths):
                ["--recursive"] + paths.flatMap { ["--filename", CommaSeparated.value($0)] }
            case .text: ["--filename", "-"]
            }
        }

        fileprivate var input: Invocation.Input {
            if case .text(let data) = self { .manifests(data) } else { .none }
        }
    }

    /// Prints the documents as JSON, one a line; any exit code is a normal result.
    ///
    /// - Throws: `InvocationError` when kubectl cannot run.
    package static func read(_ source: Source, _ runner: any Runner) async throws -> Outcome {
        try await runner.run(invocation(source))
    }

    static func invocation(_ source: Source) -> Invocation {
        Invocation(
            "kubectl",
            ["annotate", "--local"] + source.arguments
                + ["-o", #"jsonpath={@}{"\n"}"#, "devcluster-read-"],
            // kubectl 1.34 and newer would take defaults for flags from ~/.kube/kuberc.
            environment: ["KUBECONFIG": "/dev/null", "KUBERC": "off"], input: source.input)
    }

    /// Prints what a kustomization makes.
    package static func kustomize(_ folder: String) -> [String] {
        ["kubectl", "kustomize", folder]
    }

    /// The document of a line, without the empty maps that the annotation's removal leaves.
    package static func document(_ line: Data) throws(DevClusterError) -> JSONValue {
        var document = try JSONValue(parsing: line)
        if document["metadata"]?["annotations"]?.object?.isEmpty == true {
            document["metadata"]?["annotations"] = nil
        }
        if document["metadata"]?.object?.isEmpty == true { document["metadata"] = nil }
        return document
    }
}
