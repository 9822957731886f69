import SystemLibraries
import Tools
import Vocabulary

/// Limits and settings of this machine that kind's nodes run into.
struct HostChecks: Sendable {
    let environment: [String: String]
    /// What of the cluster no proxy reaches.
    var cluster: [String] = []
    /// Where the kernel's settings are.
    var settings = "/proc/sys"

    func findings() -> [Finding] {
        inotify() + [openFiles(), proxies()].compactMap(\.self)
    }

    /// kind's known issue "pod errors due to too many open files", and its values; the kernel's own
    /// are enough for small clusters.
    private func inotify() -> [Finding] {
        let wanted = [
            (name: "max_user_watches", advised: 524_288, usual: 65_536),
            (name: "max_user_instances", advised: 512, usual: 128),
        ]
        let found = wanted.compactMap { limit in
            number("fs/inotify/\(limit.name)").map {
                (name: limit.name, advised: limit.advised, usual: limit.usual, value: $0)
            }
        }
        guard !found.isEmpty else { return [] }
        let low = found.filter { $0.value < $0.advised }
        let evidence = (low.isEmpty ? found : low)
            .map { "fs.inotify.\($0.name) is \($0.value)" }.joined(separator: ", ")
        guard !low.isEmpty else { return [Finding("inotify", .ok, evidence)] }
        return [
            Finding(
                "inotify", low.contains { $0.value < $0.usual } ? .warning : .info,
                evidence + ": the nodes of larger clusters may fail with 'too many open files'",
                remedy: "sudo sysctl "
                    + low.map { "fs.inotify.\($0.name)=\($0.advised)" }.joined(separator: " "))
        ]
    }

    private func number(_ path: String) -> Int? {
        FileManager.default.contents(atPath: "\(settings)/\(path)").flatMap {
            Int(String(decoding: $0, as: UTF8.self).trimmingSpace)
        }
    }

    private func openFiles() -> Finding? {
        var limit = rlimit()
        #if canImport(Glibc)
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
                return nil
            }
        #else
            guard getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return nil }
        #endif
        let least: UInt64 = 1024
        guard limit.rlim_cur < least else {
            return Finding("open files", .ok, "a process may open \(limit.rlim_cur)")
        }
        return Finding(
            "open files", .warning, "a process may open only \(limit.rlim_cur) files",
            remedy: "ulimit -n 4096")
    }

    /// kind passes proxy variables into its nodes, and containerd uses them for every registry
    /// that `NO_PROXY` does not name; kind adds its own networks to it.
    private func proxies() -> Finding? {
        let settings = ProxySettings(environment)
        guard !settings.proxies.isEmpty else { return nil }
        let set = settings.proxies.joined(separator: ", ") + " is set"
        let local = settings.missing(["localhost", "127.0.0.1"])
        let missing = local + settings.missing(cluster)
        guard !missing.isEmpty else { return Finding("proxy", .info, set) }
        let others = local.isEmpty ? "; 'devcluster up' names these to the nodes it makes" : ""
        return Finding(
            "proxy", local.isEmpty ? .info : .warning,
            "\(set), and NO_PROXY does not name \(missing.joined(separator: ", "))\(others)",
            remedy: "export NO_PROXY=\"${NO_PROXY:+$NO_PROXY,}\(missing.joined(separator: ","))\"")
    }
}
