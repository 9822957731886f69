#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Looks for the configuration file from the working directory upwards.
struct ConfigurationFinder {
    /// The names it may have; two of them in one folder are an error.
    static let names = ["devcluster.yaml", "devcluster.yml", "devcluster.json"]

    /// The user's home folder, if known; nothing above it is searched.
    let home: String?

    /// The absolute path of the nearest file, or nil when there is none.
    ///
    /// The search ends with the folder that holds `.git`, with the home folder, or with `/`. A
    /// folder that users share, such as /tmp, is searched only where it is the working directory:
    /// a file there could make us run another user's `render` program.
    /// - Throws: `DevClusterError` with code `usage` when a folder holds two.
    func find(from workingDirectory: String) throws(DevClusterError) -> String? {
        var folder = ConfigurationPath.joined("/", workingDirectory)
        let home = home.map { ConfigurationPath.joined("/", $0) }
        while true {
            let here = folder
            let found = Self.names.map { ConfigurationPath.joined(here, $0) }.filter(Self.exists)
            if found.count > 1 {
                throw DevClusterError(
                    .usage, "two configuration files: \(found[0]) and \(found[1])",
                    hint: "remove one, or name one with --config")
            }
            if let path = found.first { return path }
            let isTop = folder == "/" || folder == home
            if isTop || Self.exists(ConfigurationPath.joined(folder, ".git")) { return nil }
            folder = ConfigurationPath.parent(of: folder)
            if Self.isShared(folder) { return nil }
        }
    }

    /// Whether there is anything of that name, also a link that leads nowhere.
    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Whether everybody may put files there that others cannot remove.
    ///
    /// Without the sticky bit it is no such place: volumes of containers and of WSL show every
    /// folder with mode 0777.
    private static func isShared(_ path: String) -> Bool {
        let bits = S_IWOTH | S_ISVTX
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & bits == bits
    }
}
