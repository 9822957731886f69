import StateFiles
import SystemLibraries
import Vocabulary

/// Looks for the configuration file from the working directory upwards.
package struct ConfigurationFinder {
    /// The names it may have; two of them in one folder are an error.
    package static let names = ["devcluster.yaml", "devcluster.yml", "devcluster.json"]

    /// The user's home folder, if known; nothing above it is searched.
    let home: String?
    /// The users whose files may decide what runs as us: `render` programs, builds, kind.
    let trusted: Set<UInt32>

    /// - Parameter trusted: as git has it, who we are, root, and whoever root was by `sudo`.
    init(home: String?, trusted: Set<UInt32> = [geteuid(), 0]) {
        self.home = home
        self.trusted = trusted
    }

    /// Searches as this environment says.
    init(environment: [String: String]) {
        let sudo = geteuid() == 0 ? environment["SUDO_UID"].flatMap { UInt32($0) } : nil
        self.init(home: environment["HOME"], trusted: [geteuid(), 0, sudo ?? 0])
    }

    /// The absolute path of the nearest file, or nil when there is none.
    ///
    /// The search ends with the folder that holds `.git`, with the home folder, or with `/`.
    /// - Throws: `DevClusterError` with code `usage` when a folder holds two, or when others may
    ///   have put the file where the search came upon it, with `failed` when it cannot be told
    ///   whether there is one. Whoever works in a folder of somebody else chose it, unless anybody
    ///   may write there.
    func find(from workingDirectory: String) throws(DevClusterError) -> String? {
        var folder = ConfigurationPath.joined("/", workingDirectory)
        let home = home.map { ConfigurationPath.joined("/", $0) }
        // Where anybody may put a file that the search would come upon.
        var open: String?
        while true {
            let here = folder
            let isStart = here == ConfigurationPath.joined("/", workingDirectory)
            if !isStart, Self.isWritableByAll(here) { open = open ?? here }
            var found: [String] = []
            for name in Self.names {
                let path = ConfigurationPath.joined(here, name)
                if try Self.exists(path) { found.append(path) }
            }
            if found.count > 1 {
                throw DevClusterError(
                    .usage, "two configuration files: \(found[0]) and \(found[1])",
                    hint: "remove one, or name one with --config")
            }
            if let path = found.first {
                let isChosen = isStart && !Self.isWritableByAll(here)
                if !isChosen { try requireTrust(path, beyond: open, from: workingDirectory) }
                return path
            }
            if isStart, Self.isWritableByAll(here) { open = here }
            if folder == "/" || folder == home { return nil }
            if try Self.exists(ConfigurationPath.joined(folder, ".git")) { return nil }
            folder = ConfigurationPath.parent(of: folder)
        }
    }

    /// Throws when somebody else may have put the file there; `--config` is the consent.
    private func requireTrust(
        _ path: String, beyond open: String?, from workingDirectory: String
    ) throws(DevClusterError) {
        let name = ShownText.line(path)
        let consent = "if you trust it, name it: --config \(name)"
        if let owner = Self.owners(path).first(where: { !trusted.contains($0) }) {
            let folder = ConfigurationPath.parent(of: path)
            // Not where just the configuration is somebody else's.
            let repository = ConfigurationPath.joined(folder, ".git")
            let asksGit =
                try Self.exists(repository)
                && (Self.owners(repository) + Self.owners(folder)).contains {
                    !trusted.contains($0)
                }
            throw DevClusterError(
                .usage,
                "the configuration \(name) has a dubious owner, user \(owner): what it names would"
                    + " run as you",
                hint: consent
                    + (asksGit
                        ? "; git asks too: git config --global --add safe.directory"
                            + " \(ShownText.line(folder))" : ""))
        }
        guard let open else { return }
        throw DevClusterError(
            .usage,
            "the configuration \(name) was found by way of \(ShownText.line(open)), where anybody"
                + " may put files: what it names would run as you",
            hint: "\(consent); or put one of your own into \(ShownText.line(workingDirectory))")
    }

    /// The owners of the file, and of the link that leads to it.
    private static func owners(_ path: String) -> [UInt32] {
        var link = stat()
        var file = stat()
        return (lstat(path, &link) == 0 ? [link.st_uid] : [])
            + (stat(path, &file) == 0 ? [file.st_uid] : [])
    }

    /// Whether there is anything of that name, also a link that leads nowhere.
    private static func exists(_ path: String) throws(DevClusterError) -> Bool {
        try WholeFile.exists(path, followsLinks: false)
    }

    /// Whether everybody may put files there; the sticky bit keeps nobody from that.
    private static func isWritableByAll(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IWOTH != 0
    }
}
