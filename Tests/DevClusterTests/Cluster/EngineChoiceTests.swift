import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

/// Which engine is used where the configuration names none.
struct EngineChoiceTests {
    private let sample: SampleSession

    init() throws { sample = try SampleSession() }

    private func install(_ engines: [String]) throws {
        let folder = sample.folder.file("engines")
        for engine in engines {
            try sample.folder.write("#!/bin/sh\n", to: "engines/\(engine)")
            #expect(chmod("\(folder)/\(engine)", 0o755) == 0)
        }
    }

    private func choose(_ settings: [String: JSONValue] = [:]) async throws
        -> (engine: EngineName, isChosen: Bool)
    {
        let configuration = try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "metadata": ["name": "devcluster-demo"], "spec": .object(settings),
            ], folder: sample.folder.path)
        return try await EngineChoice(
            configuration: configuration,
            environment: ["PATH": sample.folder.file("engines")], state: sample.session.state,
            runner: sample.runner
        ).choose()
    }

    private func makeCluster(with engine: EngineName) throws {
        let folder = sample.session.state.cluster(engine, "devcluster-demo")
        try StoredFile<ClusterRecord>(path: folder + "/cluster.json").write(
            ClusterRecord(
                phase: .ready, nodes: [:], nodeImage: nil, registry: "r", createdAt: Date()))
    }

    @Test func `one that is alone is not asked`() async throws {
        try install(["docker"])
        let choice = try await choose()
        #expect(choice.engine == .docker && !choice.isChosen)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test(arguments: EngineName.allCases)
    func `the one that has our cluster is used, and nobody is asked`(owner: EngineName)
        async throws
    {
        try install(["podman", "docker"])
        try makeCluster(with: owner)
        let choice = try await choose()
        #expect(choice.engine == owner && choice.isChosen)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `a configured one holds, whoever has a cluster`() async throws {
        try install(["podman", "docker"])
        try makeCluster(with: .podman)
        #expect(try await choose(["engine": "docker"]).engine == .docker)
    }

    @Test func `two clusters of one name are the user's to choose from`() async throws {
        try install(["podman", "docker"])
        try makeCluster(with: .podman)
        try makeCluster(with: .docker)
        let error = await #expect(throws: DevClusterError.self) { try await choose() }
        #expect(error?.code == .usage)
        #expect(
            error?.message == "podman and docker each have a cluster 'devcluster-demo' of ours")
        #expect(error?.hint?.contains("DEVCLUSTER_ENGINE") == true)
    }

    @Test func `without a cluster the first that answers is used`() async throws {
        try install(["podman", "docker"])
        sample.runner.expect("podman", ["info"], returning: .failure(125, stderr: "no machine"))
        sample.runner.expect("docker", ["info"], returning: .ok("{}"))
        #expect(try await choose().engine == .docker)
    }

    @Test func `where none answers it is the first, whose own words say why`() async throws {
        try install(["podman", "docker"])
        sample.runner.expect("podman", ["info"], throwing: .timedOut)
        sample.runner.expect(
            "docker", ["info"], returning: .failure(1, stderr: "Cannot connect to the daemon"))
        #expect(try await choose().engine == .podman)
    }

    @Test func `none at all is said with how to get one`() async throws {
        let error = await #expect(throws: DevClusterError.self) { try await choose() }
        #expect(error?.code == .unavailable)
        #expect(error?.message == "'podman' or 'docker' is not installed")
    }
}
