import StateFiles
import SystemLibraries
import Templates
import Tools
import Vocabulary

/// The sample application of `devcluster demo`, written to a folder of the state.
public struct Demo: Sendable {
    /// Where it stands.
    public let folder: String

    /// The demo in this state folder.
    public init(state: StateFolder) {
        folder = state.path + "/demo"
    }

    /// Its configuration file.
    public var configurationFile: String { "\(folder)/devcluster.yaml" }
    /// The page to edit.
    public var page: String { "\(folder)/www/index.html" }

    /// The image that the demo's image is built on, where none is given.
    public static let publicBaseImage = "docker.io/library/busybox:1.36"

    /// Whether the application was written before.
    ///
    /// - Throws: `DevClusterError` when that cannot be told.
    public var isWritten: Bool {
        get throws { try WholeFile.exists(configurationFile) }
    }

    /// Writes the application, leaving a page that was edited, and ports chosen before.
    ///
    /// - Throws: `DevClusterError` when the base image is no reference or a file cannot be written.
    public func write(baseImage: String) throws {
        let reference = try ImageReference(baseImage)
        let ports = StoredFile<Ports>(path: "\(folder)/ports.json")
        let chosen =
            try ports.read() ?? Ports(registry: free(from: 5051), forward: free(from: 18080))
        try ports.write(chosen)
        let configuration = Template.demoConfiguration.filled([
            "registryPort": "\(chosen.registry)", "forwardPort": "\(chosen.forward)",
            "baseImage": "\(reference)",
        ])
        var files = [
            ("\(folder)/Containerfile", Template.demoContainerfile.text),
            ("\(folder)/manifests.yaml", Template.demoManifests.text),
        ]
        if try !WholeFile.exists(page) {
            files.append((page, Template.demoIndex.text))
        }
        files.append((configurationFile, configuration))
        for (path, text) in files { try AtomicFile.write(Data(text.utf8), to: path, mode: 0o644) }
    }

    private struct Ports: Codable, Sendable {
        var registry: Int
        var forward: Int
    }

    private func free(from port: Int) -> Int {
        (port..<port + 100).first { PortHolder.isFree($0) } ?? port
    }

    /// Removes the application's files.
    public func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}
