import ChildProcess

/// A container that serves until it is removed, also after the machine was restarted.
package struct ContainerSpec: Sendable {
    package var name: String
    package var image: String
    package var network: String
    /// `ADDRESS:PORT:CONTAINERPORT`; nil to publish none.
    package var publication: String?
    /// `VOLUME:PATH`.
    package var mount: String
    /// `NAME=value`.
    package var setting: String
    package var labels: [String: String]

    package init(
        name: String, image: String, network: String, publication: String? = nil, mount: String,
        setting: String, labels: [String: String]
    ) {
        self.name = name
        self.image = image
        self.network = network
        self.publication = publication
        self.mount = mount
        self.setting = setting
        self.labels = labels
    }

    /// Arguments that run it.
    var arguments: [String] {
        var arguments = ["run", "--detach", "--name", name, "--network", network]
        if let publication { arguments += ["--publish", publication] }
        arguments += ["--volume", mount, "--env", setting, "--restart", "unless-stopped"]
        return arguments + ContainerSpec.arguments(labels: labels) + [image]
    }

    /// Arguments that put labels on what is made.
    static func arguments(labels: [String: String]) -> [String] {
        labels.sorted { $0.key < $1.key }.flatMap { ["--label", "\($0.key)=\($0.value)"] }
    }
}

extension Engine {
    /// Runs a container in the background.
    ///
    /// - Throws: `InvocationError` when it does not start.
    package func run(_ container: ContainerSpec) async throws {
        let arguments = container.arguments
        var started = try await run(arguments, deadline: .seconds(120), effect: .changes)
        if !started.succeeded, try await removeRemains(named: [container.name]) {
            started = try await run(arguments, deadline: .seconds(120), effect: .changes)
        }
        try started.checked()
    }
}
