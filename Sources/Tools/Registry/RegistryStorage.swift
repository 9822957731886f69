/// Where a registry keeps its images.
package enum RegistryStorage: Sendable, Equatable {
    /// A volume, named or anonymous.
    case volume(String)
    /// A folder of the host.
    case folder(String)

    /// Where a registry's container keeps its images; nil when inside itself.
    package init?(of container: Container) {
        let mount = container.mounts.first { $0.destination == RegistryProgram.dataPath }
        guard let mount else { return nil }
        self = mount.type == "volume" ? .volume(mount.name ?? mount.source) : .folder(mount.source)
    }

    /// The source part of a `--volume` argument.
    package var source: String {
        switch self {
        case .volume(let name): name
        case .folder(let path): path
        }
    }
}
