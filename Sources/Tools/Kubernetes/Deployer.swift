/// The configuration that deployed an object, as the object's labels say.
package struct Deployer: Sendable, Hashable {
    /// The configuration's name.
    package var project: String
    /// Its namespace; nil where an older version deployed the object.
    package var home: String?

    /// What the labels say; nil where devcluster deployed nothing.
    init?(_ labels: [String: String]) {
        guard labels[DevClusterLabel.managed] == "true",
            let project = labels[DevClusterLabel.project]
        else { return nil }
        self.project = project
        home = labels[DevClusterLabel.namespace]
    }
}
