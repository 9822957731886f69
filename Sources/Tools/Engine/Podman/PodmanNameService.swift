import ChildProcess
import StateFiles
import SystemLibraries
import Vocabulary

/// Addresses that podman's name service still has for containers that are gone.
///
/// netavark writes a line for each container of a network into the file from which aardvark-dns
/// answers, and takes it out when the container leaves. When podman is killed between the two, the
/// line stays, and the next container of that name is sometimes reached and sometimes not
/// (podman#22407, netavark#1471; seen with podman 4.3.1, netavark and aardvark-dns 1.4). A file
/// that outlives its network gives the next one the old name server's address, and so none.
public struct PodmanNameService: Sendable {
    let engine: Engine
    /// The network whose names are meant.
    let network: String
    /// Where the files are; nil to leave them alone.
    let folder: String?
    let isDryRun: Bool
    /// Gets what was done.
    let note: @Sendable (String) -> Void

    /// - Parameter folder: nil to leave everything alone.
    package init(
        engine: Engine, network: String, folder: String?, isDryRun: Bool,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.engine = engine
        self.network = network
        self.folder = folder
        self.isDryRun = isDryRun
        self.note = note
    }

    /// Where netavark keeps a file for each network of this user: `/run/containers/networks` of
    /// root, `$XDG_RUNTIME_DIR/containers/networks` of others (containers/common `libnetwork`).
    public static func usualFolder(_ environment: [String: String]) -> String? {
        guard getuid() != 0 else { return "/run/containers/networks/aardvark-dns" }
        return environment["XDG_RUNTIME_DIR"].map { "\($0)/containers/networks/aardvark-dns" }
    }

    /// The network's file, where there is one that may be changed.
    private var path: String? {
        guard engine.dialect is Podman, let folder else { return nil }
        let path = "\(folder)/\(network)"
        return access(path, W_OK) == 0 ? path : nil
    }

    /// A field without an address, as that of IPv6 mostly is, is empty.
    private static func words(_ line: Substring) -> [Substring] {
        line.split(separator: " ", omittingEmptySubsequences: false)
    }

    /// Whether a line of the file, `ID IPv4[,…] IPv6[,…] NAME[,…] [SERVERS]`, is of one of these
    /// names and of another container, or of another address than the container has now.
    private func isStale(_ line: Substring, _ containers: [String: Container?]) -> Bool {
        let words = PodmanNameService.words(line)
        guard words.count >= 4 else { return false }
        return words[3].split(separator: ",").contains { name in
            guard let container = containers[String(name)] else { return false }
            guard let container, container.id == words[0] else { return true }
            let address = container.networks[network] ?? ""
            return !address.isEmpty && !words[1].split(separator: ",").contains { $0 == address }
        }
    }

    /// Names of these containers for which there is an address of something else.
    ///
    /// - Parameter containers: what has each name now; nil where nothing has.
    package func find(_ containers: [String: Container?]) -> [String] {
        guard let path, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            return []
        }
        let names = text.split(separator: "\n").dropFirst().filter { isStale($0, containers) }
            .flatMap { PodmanNameService.words($0)[3].split(separator: ",") }
        return Set(names.map(String.init)).intersection(containers.keys).sorted()
    }

    /// Takes such addresses away. Best effort: what stays is found by the next `up`.
    package func remove(_ containers: [String: Container?]) async {
        let names = find(containers)
        guard !names.isEmpty, let path, !isDryRun else { return }
        await change(path) { text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let kept = lines.dropFirst().filter { !isStale($0, containers) }
            return (lines.prefix(1) + kept).joined(separator: "\n")
        }
        note(
            "the name service still had addresses of containers that are gone:"
                + " \(ShownText.line(names.joined(separator: ", ")))")
    }

    /// Makes the file name the name servers of the network as it is now; one that is not there
    /// cannot have a file.
    package func mendServers() async {
        guard let path, !isDryRun else { return }
        let format = "{{range .Subnets}}{{.Gateway}} {{end}}"
        let outcome = try? await engine.run(["network", "inspect", network, "--format", format])
        guard outcome?.succeeded == true else {
            if (try? await engine.hasNetwork(network)) == false {
                await change(path) { _ in nil }
            }
            return
        }
        let gateways = (outcome?.text ?? "").split(whereSeparator: \.isWhitespace)
        guard !gateways.isEmpty,
            let text = try? String(contentsOfFile: path, encoding: .utf8),
            let first = text.split(separator: "\n").first?.split(separator: " ").first,
            Set(first.split(separator: ",")) != Set(gateways)
        else { return }
        await change(path) { text in
            let rest = text.drop { $0 != " " && $0 != "\n" }
            return gateways.joined(separator: ",") + rest
        }
        note(
            "the name service of the network '\(network)' listened at"
                + " \(ShownText.line(String(first))), and now at"
                + " \(gateways.joined(separator: ", "))")
    }

    /// Changes the file under netavark's lock, and lets aardvark-dns read it again.
    private func change(_ path: String, _ change: (String) -> String?) async {
        // The file has to be that of the podman that was asked.
        let info = try? await engine.run(["info", "--format", "{{.Store.RunRoot}}"])
        let folder = AtomicFile.parent(of: path)
        guard let root = info?.text.trimmingSpace, root.hasPrefix("/"),
            folder.hasPrefix(AtomicFile.parent(of: root)) || folder.hasPrefix(root)
        else { return }
        let parent = AtomicFile.parent(of: folder)
        let lock = open("\(parent)/aardvark.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { return }
        defer { close(lock) }
        let end = ContinuousClock.now + .seconds(5)
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < end else { return }
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
        if let changed = change(text) {
            try? AtomicFile.write(Data(changed.utf8), to: path, mode: 0o644)
        } else {
            unlink(path)
        }
        let pid = try? String(contentsOfFile: "\(folder)/aardvark.pid", encoding: .utf8)
        guard let pid = pid.flatMap({ Int32($0.trimmingSpace) }),
            let server = ProcessIdentity(pid: pid),
            server.commandLine?.first?.hasSuffix("aardvark-dns") == true
        else { return }
        server.send(SIGHUP)
    }
}
