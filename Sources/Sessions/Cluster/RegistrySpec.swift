/// How the registry's container has to be.
public struct RegistrySpec: Sendable, Equatable {
    /// The container's name, which is also its host name on the network.
    public var name: String
    /// The image it runs.
    public var image: String
    /// The port on 127.0.0.1.
    public var port: Int
    /// The volume of a registry made anew.
    public var volume: String
    /// The network it has to be on.
    public var network: String
}
