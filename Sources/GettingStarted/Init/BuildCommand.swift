/// What a command line of `docker build` or `podman build` says.
struct BuildCommand: Sendable, Equatable {
    private(set) var context = ""
    private(set) var containerfile: String?
    private(set) var target: String?
    private(set) var arguments: [String: String] = [:]

    /// Reads the words; nil when they are another command, or a shell has to make sense of them.
    init?(_ words: [String]) {
        let isShell = words.contains { word in
            ["&&", "|", ";", "`", "$("].contains { word.contains($0) }
        }
        guard let build = words.firstIndex(of: "build"), !isShell,
            ["docker", "podman", "buildah", "nerdctl"].contains(words.first ?? "")
        else { return nil }
        var rest = words[(build + 1)...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-") else {
                context = word
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let isSwitch = ["--push", "--load", "--pull", "--no-cache", "-q", "--quiet", "--rm"]
                .contains(parts[0])
            guard !isSwitch else { continue }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else { return nil }
            switch parts[0] {
            case "-f", "--file": containerfile = value
            case "--target": target = value
            case "--build-arg":
                let pair = value.split(separator: "=", maxSplits: 1).map(String.init)
                guard pair.count == 2, !value.contains("$") else { return nil }
                arguments[pair[0]] = pair[1]
            default: break
            }
        }
        guard !context.isEmpty, !context.contains("$") else { return nil }
    }
}
