import Vocabulary

/// What a pod has, and two pods may not be able to have at the same time.
package enum PodHolding: Sendable, Hashable, CustomStringConvertible {
    /// A claim that it writes.
    case claim(String)
    /// A folder of its node that it writes.
    case hostPath(String)
    /// A port of its node, as `8080/TCP`; the scheduler gives it to one pod only.
    case hostPort(BoundedInteger, String)
    /// All ports of its node; the kernel gives each to one program only.
    case hostNetwork

    package var description: String {
        switch self {
        case .claim(let name): ShownText.line("claim \(name)")
        case .hostPath(let path): ShownText.line("hostPath \(path)")
        case .hostPort(let port, "TCP"): "host port \(port)"
        case .hostPort(let port, let name): ShownText.line("host port \(port)/\(name)")
        case .hostNetwork: "the node's network"
        }
    }

    /// Whether a pod on another node can have the same.
    package var isOfNode: Bool { if case .claim = self { false } else { true } }

    /// Whether a folder of the node holds data; sockets, devices and settings are nobody's.
    package static func holdsData(path: String, type: String?) -> Bool {
        let kinds = ["Socket", "CharDevice", "BlockDevice", "File"]
        let places = ["/proc", "/sys", "/dev", "/etc", "/run", "/var/run"]
        return !kinds.contains(type ?? "")
            && !places.contains { path == $0 || path.hasPrefix($0 + "/") }
    }
}

extension KubernetesPod {
    /// The claims and folders of the node that it writes.
    package var writtenVolumes: [PodHolding] {
        let written = Set(
            (spec.containers + (spec.initContainers ?? [])).flatMap { $0.volumeMounts ?? [] }
                .filter { $0.readOnly != true }.map(\.name))
        return (spec.volumes ?? []).filter { written.contains($0.name) }.compactMap { volume in
            if let claim = volume.persistentVolumeClaim, claim.readOnly != true {
                return .claim(claim.claimName)
            }
            guard let host = volume.hostPath,
                PodHolding.holdsData(path: host.path, type: host.type)
            else { return nil }
            return .hostPath(host.path)
        }
    }

    /// The ports of its node that its spec asks for.
    package var hostPorts: [PodHolding] {
        spec.containers.flatMap { $0.ports ?? [] }.compactMap { port in
            guard let number = port.hostPort, number > 0 else { return nil }
            return .hostPort(number, port.protocol ?? "TCP")
        }
    }
}
