import Arguments
import Foundation

extension FuzzTarget {
    /// Command lines, their completion, and the messages about wrong ones.
    static let arguments = reading(
        "arguments",
        Samples.texts([
            "image load --namespace kube a b", "image load -nkube --port=5 -qv --no-wait -- -x",
            "--json image load --label a=b --label= x", "image --help", "load --prot 1", "-vvv",
            "image load --port 99999999999 --pull never",
        ]),
        words: [" --", " -", "=", " --namespace ", "-n", " image", " load", " --port 1", " -- "]
    ) { data, _ in
        let words = data.text.split(separator: " ", omittingEmptySubsequences: false)
            .prefix(2000).map(String.init)
        let parser = CommandParser(root: FuzzedRoot.self, version: "1")
        let reply = await parser.complete(words) { _ in words }
        guard reply.candidates.allSatisfy({ !$0.value.contains("\n") }) else {
            throw FuzzFailure("a candidate has more than one line")
        }
        do throws(UsageError) {
            if case .help(let path, _) = try parser.parse(words) { _ = parser.help(for: path) }
        } catch {
            _ = "\(error)"
        }
    }
}

private struct FuzzedRoot: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(
            name: "fuzzed", summary: "Do all of it", subcommands: [FuzzedGroup.self])
    }

    @OptionGroup var global: FuzzedGlobals
}

private struct FuzzedGlobals: ParsableOptions {
    static let title: String? = "GLOBAL OPTIONS"

    @Flag(help: "Print JSON") var json: Bool
    @Flag(short: "v", help: "Say more") var verbose: Int
}

private struct FuzzedGroup: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(
            name: "image", summary: "Work with images", subcommands: [FuzzedLeaf.self])
    }
}

private struct FuzzedLeaf: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(name: "load", summary: "Load images", aliases: ["ld"])
    }

    @Flag(short: "q", help: "Say less") var quiet: Bool
    @Option(short: "n", help: "Namespace", completion: .live("namespaces")) var namespace: String?
    @Option(help: "Port") var port = 5001
    @Option(help: "Label") var label: [String] = []
    @Argument(value: "IMAGE", help: "Images", completion: .live("images")) var images: [String]
    @OptionGroup var global: FuzzedGlobals
}
