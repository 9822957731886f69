import ChildProcess
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// kubectl as a reader of YAML: it is the parser that our users already have.
///
/// `annotate --local` needs no cluster and accepts any kind; removing an annotation that is not
/// there changes nothing but empty maps. Of duplicate keys the last counts. When kubectl fails,
/// its standard output may hold a part of the files and counts for nothing.
package enum KubectlFiles {
    /// Prints the documents of some files as JSON, one a line.
    ///
    /// - Parameter files: kubectl's arguments that name them, with absolute paths.
    package static func invocation(_ files: [String], input: Invocation.Input = .none) -> Invocation
    {
        Invocation(
            "kubectl",
            ["annotate", "--local"] + files
                + ["-o", #"jsonpath={@}{"\n"}"#, "devcluster-read-"],
            // kubectl 1.34 and newer would take defaults for flags from ~/.kube/kuberc.
            environment: ["KUBECONFIG": "/dev/null", "KUBERC": "off"], input: input)
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
