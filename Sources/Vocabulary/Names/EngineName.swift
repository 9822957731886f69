/// Which container engine: the name is also the program.
public enum EngineName: String, Sendable, Codable, Hashable, CaseIterable {
    /// podman.
    case podman
    /// docker.
    case docker
}
