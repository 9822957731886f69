import ChildProcess
import Clusters
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// What the engine says of itself.
struct EngineChecks: Sendable {
    let doctor: Doctor
    let session: Session

    private var name: String { session.engine.name.rawValue }

    func findings() async -> [Finding] {
        let found: EngineInfo?
        switch await doctor.look({ try await session.engine.info() }) {
        case .success(let info): found = info
        case .failure(let failure):
            let next =
                failure.isSilence
                ? "its service or machine may have to be restarted"
                : "you may not be allowed to use it"
            return [
                Finding(
                    "engine", .error, failure.words, remedy: "try '\(name) info'; \(next)")
            ]
        }
        guard let info = found else {
            return [
                Finding(
                    "engine", .error, "'\(name) info' printed no JSON that is understood",
                    remedy: "try '\(name) info --format json'")
            ]
        }
        return [
            remote(info), await cgroups(info), nameService(info), await network(), disk(info),
        ].compactMap(\.self)
    }

    private func network() async -> Finding? {
        let network = session.place.registry.network
        guard (try? await session.engine.hasNameService(network)) == false else { return nil }
        return Finding(
            "name service", .error,
            "the network '\(network)' has none: nodes find neither each other nor the registry",
            remedy: ClusterCreation.removeNetwork(network, of: session.engine.name))
    }

    /// kind's page on rootless: cgroup v2, with these controllers delegated to the user.
    private func cgroups(_ info: EngineInfo) async -> Finding? {
        guard let version = info.cgroupVersion else { return nil }
        let mode = info.isRootless ? "rootless" : "rootful"
        guard info.isRootless else {
            let evidence = "\(mode), cgroup \(version)"
            guard version == "v1", await refusesFirstVersion() else {
                return Finding("cgroups", .ok, evidence)
            }
            return Finding(
                "cgroups", .error,
                "\(evidence): the kubelet of a new cluster would not start (from Kubernetes 1.35 on"
                    + " it wants v2)",
                remedy: "boot with systemd.unified_cgroup_hierarchy=1, or set"
                    + " spec.cluster.nodeImage to one before v1.35")
        }
        guard version == "v2" else {
            return Finding(
                "cgroups", .error, "\(mode) with cgroup \(version): kind needs v2 there",
                remedy: "boot with systemd.unified_cgroup_hierarchy=1, or use a rootful engine")
        }
        let missing = ["cpu", "memory", "pids"].filter { !info.controllers.contains($0) }
        guard !missing.isEmpty else {
            return Finding("cgroups", .ok, "\(mode), cgroup v2, cpu, memory and pids delegated")
        }
        return Finding(
            "cgroups", .error,
            "\(mode), and not delegated to you: \(missing.joined(separator: ", "))",
            remedy: "sudo mkdir -p /etc/systemd/system/user@.service.d && printf"
                + " '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee"
                + " /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl"
                + " daemon-reload; then log in again")
    }

    /// Whether the kubelet of the nodes that would be made refuses cgroup v1: `failCgroupV1` is true
    /// from Kubernetes 1.35 on (kubelet, apis/config/v1beta1/defaults.go), which is what kind makes
    /// by itself from 0.31 on.
    private func refusesFirstVersion() async -> Bool {
        guard session.place.existingContext == nil else { return false }
        if let image = session.configuration.cluster.nodeImage {
            return image.tag.flatMap { VersionNumber(in: $0.description) }
                .map { $0 >= VersionNumber(1, 35) } ?? false
        }
        let line = try? await Tool.version(of: "kind", doctor.runner)
        return line.flatMap { VersionNumber(in: $0) }.map { $0 >= VersionNumber(0, 31) } ?? false
    }

    /// The registry's published port and the forwards are on the machine the engine runs on.
    private func remote(_ info: EngineInfo) -> Finding? {
        guard let (variable, host) = session.engine.remotePorts(session.environment) else {
            // Of a machine on this computer, as on macOS, the ports come here by themselves.
            return info.isRemote
                ? Finding("engine", .info, "\(name) runs in a machine or service of its own") : nil
        }
        return Finding(
            "engine", .warning,
            "\(name) runs elsewhere (\(variable)=\(host)): ports of its containers are on that"
                + " machine, not on this one",
            remedy:
                "ssh -N -L \(session.place.registry.port):127.0.0.1:\(session.place.registry.port)"
                + " THAT_MACHINE")
    }

    /// Without aardvark-dns nodes do not find the registry, nor each other (kind fails with
    /// "Joining worker nodes").
    private func nameService(_ info: EngineInfo) -> Finding? {
        guard info.networkBackend == "netavark" else {
            return info.networkBackend.map {
                Finding(
                    "name service", .warning,
                    "podman's network backend is \($0): names of containers need its plugin"
                        + " dnsname", remedy: "switch to netavark, see 'man podman-system-reset'")
            }
        }
        // Its files are in the machine that it runs in.
        guard !info.isRemote else { return nil }
        let usual = ["/usr/lib/podman", "/usr/libexec/podman", "/usr/local/libexec/podman"]
        let paths = info.nameService.map { [$0] } ?? usual.map { "\($0)/aardvark-dns" }
        let isThere = paths.contains { FileManager.default.isExecutableFile(atPath: $0) }
        if isThere { return Finding("name service", .ok, "netavark with aardvark-dns") }
        return Finding(
            "name service", .warning,
            "there is no \(paths.joined(separator: ", no ")): nodes would not find the registry",
            remedy: "install aardvark-dns (Debian and Ubuntu: apt install aardvark-dns)")
    }

    /// The kubelet refuses pods and deletes images when less than 15 % or so is free; kind turns
    /// that off, so a node just fails.
    private func disk(_ info: EngineInfo) -> Finding? {
        guard let root = info.root, !info.isRemote else { return nil }
        var figures = statvfs()
        guard statvfs(root, &figures) == 0 else { return nil }
        let free = BoundedInteger(figures.f_bavail).multiplied(by: BoundedInteger(figures.f_frsize))
        let evidence = "\(byteCount(free)) free in \(root)"
        let remedy = "devcluster registry prune; \(name) system df"
        if free < 1_000_000_000 { return Finding("disk", .error, evidence, remedy: remedy) }
        if free < 5_000_000_000 { return Finding("disk", .warning, evidence, remedy: remedy) }
        return Finding("disk", .ok, evidence)
    }
}
