import ChildProcess
import Foundation
import Testing
import Vocabulary

/// What the engine does with images.
extension LiveWorld {
    /// Builds the `Containerfile` of a folder, which docker does not look for by itself.
    func build(_ reference: String, _ folder: String, _ arguments: [String] = []) async throws {
        try await engine(
            ["build", "--quiet", "--tag", reference, "--file", "\(folder)/Containerfile"]
                + arguments + [folder])
    }

    /// Pushes an image to a registry without TLS.
    ///
    /// - Returns: its digest, as the engine tells it.
    @discardableResult
    func push(_ reference: String, environment: [String: String] = [:]) async throws -> String {
        let file = "\(folder)/pushed-digest"
        guard LiveWorld.engine.name == .podman else {
            let said = try await engine(["push", reference], environment: environment)
            let words = said.split(whereSeparator: \.isWhitespace)
            return String(try #require(words.last { $0.hasPrefix("sha256:") }, "\(said)"))
        }
        try await engine(
            ["push", "--quiet", "--digestfile", file] + LiveWorld.engine.withoutTLS + [reference],
            environment: environment)
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    /// Writes down the login of a registry.
    ///
    /// - Parameters:
    ///   - host: of the registry; nil writes down none.
    ///   - secret: name and password, as a login holds them.
    /// - Returns: variables with which it is used.
    func login(_ host: String?, _ secret: String) throws -> [String: String] {
        try FileManager.default.createDirectory(
            atPath: "\(folder)/login", withIntermediateDirectories: true)
        let entry = host.map { #""\#($0)": {"auth": "\#(secret)"}"# } ?? ""
        try write("login/config.json", #"{"auths": {\#(entry)}}"#)
        return LiveWorld.engine.login(folder: "\(folder)/login")
    }

    /// Pulls an image from a registry without TLS.
    func pull(_ reference: String) async throws {
        try await engine(["pull", "--quiet"] + LiveWorld.engine.withoutTLS + [reference])
    }

    /// Gives an image that is there a name in a registry, and pushes it; the engine forgets the name.
    @discardableResult
    func push(_ image: String, as reference: String) async throws -> String {
        try await engine("tag", image, reference)
        let digest = try await push(reference)
        try await engine("rmi", reference)
        return digest
    }

    /// Writes an image into a file, as `kind load` takes it.
    func save(_ reference: String, to file: String) async throws {
        // podman adds to a file that is there.
        try? FileManager.default.removeItem(atPath: file)
        try await engine("save", "--output", file, reference)
    }

    /// Imports an image of the engine into a node, where the engine forgets it.
    func load(_ reference: String, into node: String, _ arguments: [String] = []) async throws {
        let file = "load-\(UInt32.random(in: 0...UInt32.max)).tar"
        try await save(reference, to: "\(folder)/\(file)")
        try await engine("rmi", reference)
        try await engine("cp", "\(folder)/\(file)", "\(node):/\(file)")
        try await engine(
            ["exec", node, "ctr", "-n", "k8s.io", "images", "import"] + arguments + ["/\(file)"])
        try? FileManager.default.removeItem(atPath: "\(folder)/\(file)")
    }

    /// Pushes an image that is there under a name in a registry, in a format of its manifest.
    func push(_ image: String, as reference: String, format: ImageFormat?) async throws {
        if LiveWorld.engine.pushesInAnyFormat {
            try await engine(
                ["push", "--quiet", "--format", format == .docker ? "v2s2" : "oci"]
                    + LiveWorld.engine.withoutTLS + [image, "docker://\(reference)"])
        } else if format == .oci {
            let file = "\(folder)/push.tar"
            try await save(image, to: file)
            try await tool(
                "skopeo", "copy", "--quiet", "--dest-tls-verify=false", "--format", "oci",
                "docker-archive:\(file)", "docker://\(reference)")
        } else {
            try await push(image, as: reference)
        }
    }

    /// Pushes an index of images that are there.
    ///
    /// - Parameter images: what each is, and its architecture if not its own.
    func pushIndex(of images: [(reference: String, architecture: String?)], as name: String)
        async throws
    {
        let number = UInt32.random(in: 0...UInt32.max)
        guard LiveWorld.engine.makesIndexes else {
            return try await copyIndex(of: images, as: name, "\(folder)/layout-\(number)")
        }
        let list = "localhost/\(cluster)-list:\(number)"
        try await engine("manifest", "create", list)
        for (reference, architecture) in images {
            try await engine(
                ["manifest", "add"] + (architecture.map { ["--arch", $0] } ?? [])
                    + [list, "containers-storage:\(reference)"])
        }
        try await engine(
            ["manifest", "push", "--quiet", "--all"] + LiveWorld.engine.withoutTLS
                + [list, "docker://\(name)"])
        try await engine("manifest", "rm", list)
    }

    /// Makes an index in a folder as OCI lays out images, and has skopeo copy it.
    private func copyIndex(
        of images: [(reference: String, architecture: String?)], as name: String, _ layout: String
    ) async throws {
        var entries: [[String: Any]] = []
        for (reference, architecture) in images {
            try await save(reference, to: "\(layout).tar")
            try await tool(
                "skopeo", "copy", "--quiet", "docker-archive:\(layout).tar",
                "oci:\(layout):\(entries.count)")
            var entry = try #require(
                try manifests(layout).first {
                    let name = ($0["annotations"] as? [String: String])?.values.first
                    return name == "\(entries.count)"
                })
            entry["annotations"] = nil
            entry["platform"] = ["os": "linux", "architecture": architecture ?? "amd64"]
            entries.append(entry)
        }
        let type = "application/vnd.oci.image.index.v1+json"
        let index = try JSONSerialization.data(
            withJSONObject: ["schemaVersion": 2, "mediaType": type, "manifests": entries])
        let digest = try await tool("sha256sum", input: String(decoding: index, as: UTF8.self))
            .prefix(64)
        try index.write(to: URL(filePath: "\(layout)/blobs/sha256/\(digest)"))
        let list: [String: Any] = [
            "mediaType": type, "digest": "sha256:\(digest)", "size": index.count,
            "annotations": ["org.opencontainers.image.ref.name": "list"],
        ]
        try JSONSerialization.data(
            withJSONObject: ["schemaVersion": 2, "manifests": [list]]
        ).write(to: URL(filePath: "\(layout)/index.json"))
        try await tool(
            "skopeo", "copy", "--quiet", "--all", "--dest-tls-verify=false",
            "oci:\(layout):list", "docker://\(name)")
    }

    /// What the index of a layout names.
    private func manifests(_ layout: String) throws -> [[String: Any]] {
        let data = try Data(contentsOf: URL(filePath: "\(layout)/index.json"))
        let index = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return try #require(index?["manifests"] as? [[String: Any]])
    }
}
