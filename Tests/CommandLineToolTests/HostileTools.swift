import TestSupport

/// What every tool on the `PATH` does in place of its work.
enum HostileTools: String, CaseIterable, Sendable {
    /// Bytes that are no text, with escape sequences among them.
    case garbage
    /// Success without a word.
    case nothing
    /// Failure with escape sequences, bidirectional marks and a secret.
    case failure
    /// Death by a signal.
    case signal
    /// JSON of the right syntax and another shape.
    case otherJSON
    /// JSON within JSON, deeper than anything real.
    case depth
    /// A list of objects with hostile names, kinds and numbers.
    case names
    /// Something else at each call.
    case changing
    /// A hundred megabytes.
    case huge
    /// No end.
    case endless
    /// No answer.
    case hanging

    /// Those that cost so much that they are tried where time is plenty.
    var isExpensive: Bool { [.huge, .endless, .hanging].contains(self) }

    /// A credential that must not be shown, as curl and the engines print it.
    static let secret = "hunter2-PLANTED-7f3a"

    static let tools = ["podman", "kind", "kubectl", "curl", "git", "crictl"]

    /// Puts these tools into the folder that is the tool's `PATH`.
    func install(in tool: BuiltTool) throws {
        try tool.folder.write(Self.hostileList, to: "names.json")
        for name in Self.tools { try tool.install(name, script(in: tool.folder)) }
    }

    private func script(in folder: TemporaryFolder) -> String {
        let escapes = #"\033[31mred\033]0;title\007\302\233\342\200\256"#
        switch self {
        case .garbage:
            return "printf '\(escapes)\\377\\376\\000{\"items\": [\\001'; exit 0\n"
        case .nothing: return "exit 0\n"
        case .failure:
            return """
                printf '\(escapes) Authorization: Bearer \(Self.secret)\\n' >&2
                printf 'https://user:\(Self.secret)@example.com/ \(escapes)\\n'
                exit 1

                """
        case .signal: return "kill -SEGV $$\n"
        case .otherJSON:
            return #"echo '[{"metadata": 3, "items": {"a": null}, "kind": []}]'"# + "\n"
        case .depth:
            return """
                /usr/bin/head -c 100000 /dev/zero | /usr/bin/tr '\\000' '['
                exit 0

                """
        case .names: return "exec /bin/cat '\(folder.file("names.json"))'\n"
        case .changing:
            return """
                n=$(/bin/cat '\(folder.file("count"))' 2>/dev/null || echo 0)
                echo $((n + 1)) >'\(folder.file("count"))'
                case $((n % 4)) in
                0) echo '{"items": []}';;
                1) exec /bin/cat '\(folder.file("names.json"))';;
                2) echo 'Error from server (NotFound)' >&2; exit 1;;
                3) echo '[]';;
                esac

                """
        case .huge:
            return """
                /usr/bin/head -c 100000000 /dev/zero | /usr/bin/tr '\\000' 'x'
                exit 0

                """
        case .endless: return "exec /usr/bin/yes '{\"items\": ['\n"
        case .hanging: return "exec /bin/sleep 1000\n"
        }
    }

    private static let hostileList = """
        {"apiVersion": "/", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "--all", "namespace": "--all",
          "uid": "../../etc", "generation": 9223372036854775807,
          "creationTimestamp": "9999999999-99-99T99:99:99Z"},
         "spec": {"containers": [{"name": "$(id)", "image": "\\u001b[31m\\u202e:@"}]},
         "status": {"containerStatuses": [{"name": "$(id)", "image": "", "imageID": "@@@",
          "restartCount": 9223372036854775807}]}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "\\u0000"},
         "spec": {"replicas": 9223372036854775807}, "status": {"replicas": -9223372036854775808}},
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"},
         "status": {"phase": "Active"}}
        ], "schemaVersion": 2, "config": {"digest": "sha256:x", "size": 9223372036854775807},
        "layers": [{"size": 9223372036854775807}, {"size": 9223372036854775807}]}

        """
}
