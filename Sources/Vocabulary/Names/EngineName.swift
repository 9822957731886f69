/// Which container engine: the name is also the program. Where none is configured, the first that
/// is installed is taken.
public enum EngineName: String, Sendable, Codable, Hashable, CaseIterable {
    /// podman.
    case podman
    /// docker.
    case docker
}
