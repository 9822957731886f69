import ChildProcess
import Vocabulary

/// What a node shows of itself in a single run.
package struct NodeLook: Sendable {
    /// hosts.toml for each of the registry's two names; nil where the look did not get there.
    package var hosts: [String?]
    /// The lines of containerd's configuration that say where it looks for hosts.toml.
    package var configPath: String?
    /// Whether it finds the registry's address on the network.
    package var findsRegistry: Bool
    /// What came of pulling.
    package var pull: Pull?
    /// Bytes that are free in `/var`.
    package var freeBytes: BoundedInteger?
    /// Its clock, in seconds since 1970.
    package var clock: Double?

    /// What came of pulling an image.
    package enum Pull: Sendable, Equatable {
        case done
        case noAnswer
        /// What crictl said last.
        case failed(String)
    }

    /// How long a part may take, less than all of it.
    package static let seconds = 5
    private static let mark = "==devcluster=="

    /// Every look in the background: the slowest says how long all of it takes.
    static func script(_ files: (String, String), registry: String, image: String) -> String {
        """
        folder=$(mktemp -d) && cd "$folder" || exit 1
        date +%s > clock
        { cat '\(files.0)' 2>&1; } > wiring
        { cat '\(files.1)' 2>&1; } > wiring2
        { containerd config dump 2>/dev/null | grep config_path; } > config &
        { timeout \(seconds) getent hosts '\(registry)' || echo none; } > name &
        { timeout \(seconds) crictl pull '\(image)' 2>&1 || echo "failed $?"; } > pull &
        df -Pk /var | tail -n 1 > disk &
        wait
        for part in clock wiring wiring2 config name pull disk; do
          echo "\(mark)$part"
          cat $part
        done
        cd / && rm -r "$folder"
        """
    }

    /// Reads what the script printed.
    package init(_ text: String) {
        var parts: [String: String] = [:]
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(NodeLook.mark) {
                current = String(line.dropFirst(NodeLook.mark.count))
                parts[current] = ""
            } else if !current.isEmpty {
                parts[current, default: ""] += line + "\n"
            }
        }
        hosts = [parts["wiring"], parts["wiring2"]].map { $0?.trimmingSpace }
        configPath = parts["config"]
        findsRegistry = parts["name"]?.trimmingSpace != "none"
        pull = parts["pull"].map(NodeLook.pull)
        let fields = (parts["disk"] ?? "").split(whereSeparator: \.isWhitespace)
        freeBytes =
            fields.count > 3 ? BoundedInteger(fields[3])?.multiplied(by: 1024) : nil
        clock = Double((parts["clock"] ?? "").trimmingSpace)
    }

    private static func pull(_ text: String) -> Pull {
        let lines = text.trimmingSpace.split(whereSeparator: \.isNewline).map(String.init)
        guard let code = lines.last, code.hasPrefix("failed ") else { return .done }
        return code == "failed 124"
            ? .noAnswer : .failed(lines.dropLast().last ?? "crictl \(code)")
    }
}

extension Node {
    /// Looks around in the node.
    ///
    /// - Parameters:
    ///   - files: hosts.toml for each of the registry's names.
    ///   - registry: its name on the network.
    ///   - image: what is pulled from it.
    /// - Throws: `InvocationError` when nothing can be run in it.
    package func look(
        at files: (String, String), registry: String, image: String, deadline: Duration
    ) async throws -> NodeLook {
        NodeLook(
            try await run(
                script: NodeLook.script(files, registry: registry, image: image),
                deadline: deadline
            ).text)
    }
}

/// What the programs of a node say.
package enum NodeText {
    /// The C library's words for ENOENT, which `cat` passes on.
    package static let noFile = ToolText("No such file", .unknown)

    static let all = [noFile]
}
