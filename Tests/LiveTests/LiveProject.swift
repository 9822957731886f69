import ChildProcess
import Foundation
import TestSupport
import Testing

/// One of the larger projects below `Projects`, with a folder and namespaces of its own.
struct LiveProject {
    let world: LiveWorld
    let name: String
    /// Its namespace, and the start of the names of what belongs to no namespace.
    let namespace: String

    var folder: String { "\(world.folder)/\(name)" }

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Projects")

    /// Copies the project, with `NAMESPACE` replaced by its own in every file of text.
    init(_ name: String, in world: LiveWorld) throws {
        self.world = world
        self.name = "project-\(name)"
        namespace = "\(name)-\(world.cluster)"
        let source = Self.sources.appending(path: name).path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for path in try FileManager.default.subpathsOfDirectory(atPath: source) {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(
                atPath: "\(source)/\(path)", isDirectory: &isFolder)
            guard !isFolder.boolValue else { continue }
            let text = try String(contentsOfFile: "\(source)/\(path)", encoding: .utf8)
            try write(text.replacing("NAMESPACE", with: namespace), to: path)
        }
    }

    func write(_ text: String, to path: String) throws {
        let file = "\(folder)/\(path)"
        try FileManager.default.createDirectory(
            atPath: URL(filePath: file).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    func read(_ path: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
    }

    /// Writes `devcluster.yaml`; `spec` is YAML below `spec:`, indented by two.
    func configure(_ spec: String) throws {
        try write(
            """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            metadata: {name: \(world.cluster)}
            spec:
              cluster: {workers: 1}
              registry:
                name: \(world.registry)
                port: \(world.registryPort)
                volume: \(world.registry)-data
              namespace: \(namespace)
            \(spec)
            """, to: "devcluster.yaml")
    }

    /// Puts the machine's python3 and openssl, and the module that talks to the API, into a context.
    func addPython(to path: String) async throws {
        let python = Self.sources.appending(path: "python").path
        try await world.tool("sh", "\(python)/make-rootfs.sh", "\(folder)/\(path)/rootfs")
        try write(
            String(contentsOfFile: "\(python)/kube.py", encoding: .utf8), to: "\(path)/kube.py")
    }

    func devcluster(_ arguments: String...) async throws -> Outcome {
        try await world.runner.run(
            Invocation(
                LiveWorld.executable, arguments, environment: world.environment,
                directory: folder, deadline: .seconds(400)))
    }

    /// Deploys, and expects that everything was proven.
    @discardableResult
    func deploy(_ comment: Comment? = nil) async throws -> Outcome {
        let deploy = try await devcluster("deploy")
        try #require(deploy.exit == .code(0), "\(comment ?? ""): \(deploy.text)\(deploy.errorText)")
        #expect(deploy.text.contains("running exactly what was built"), "\(deploy.text)")
        return deploy
    }

    /// Gives one pod another image behind the back of what made it, and expects that it is found.
    ///
    /// - Parameters:
    ///   - selector: of pods that run the image; one of them is changed.
    ///   - image: a reference that the nodes can pull and that is not what was deployed.
    func expectFound(
        _ selector: String, container: String, image: String, namespace: String? = nil
    ) async throws {
        let namespace = namespace ?? self.namespace
        let before = try await devcluster("verify-image")
        #expect(before.exit == .code(0), "\(before.text)\(before.errorText)")
        let list = try await world.kubectl(
            "get", "pods", "-n", namespace, "-l", selector, "-o",
            #"jsonpath={range .items[*]}{.metadata.name} {.metadata.deletionTimestamp}{"\n"}{end}"#)
        // What is going is not judged.
        let name = list.split(separator: "\n").map { $0.split(separator: " ") }
            .first { $0.count == 1 }?[0]
        let pod = "pod/\(try #require(name, "there is no pod of \(selector): \(list)"))"
        try await world.kubectl("set", "image", "-n", namespace, pod, "\(container)=\(image)")
        try await world.eventually("the other image is found") {
            try await devcluster("verify-image").exit == .code(2)
        }
        let after = try await devcluster("verify-image")
        #expect(after.text.contains(pod.replacing("pod/", with: "")), "\(after.text)")
        try await world.kubectl("delete", "-n", namespace, pod)
        try await world.eventually("its successor is ready") {
            try await devcluster("verify-image").exit == .code(0)
        }
    }
}
