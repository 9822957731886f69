import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Diagnosis
@testable import Sessions
@testable import Tools
@testable import Vocabulary

/// What doctor says of an engine, by what the engine says of itself.
struct EngineChecksTests {
    private func finding(
        _ subject: String, cluster: [String: JSONValue] = [:], kind: String = "kind v0.27.0",
        replacing changes: [(String, String)] = [],
        info recording: String = "podman-4.3.1-info.json"
    ) async throws -> Finding? {
        let sample = try SampleSession(["cluster": .object(cluster)])
        var info = try Fixture.text(recording)
        for (old, new) in changes {
            #expect(info.contains(old))
            info = info.replacing(old, with: new)
        }
        sample.runner.expect("podman", ["info"], returning: .ok(info))
        sample.runner.expect("podman", ["network"], returning: .ok("true\n"))
        sample.runner.expect("kind", ["version"], returning: .ok(kind + "\n"), times: nil)
        let doctor = Doctor(
            environment: sample.session.environment, runner: sample.runner,
            state: sample.session.state, session: .success(sample.session))
        return await EngineChecks(doctor: doctor, session: sample.session).findings()
            .first { $0.subject == subject }
    }

    /// A node image, a version of kind, and what is said of the host then.
    private static let hosts: [(String?, String, Finding.Severity)] = [
        ("kindest/node:v1.36.1", "kind v0.27.0", .error),
        ("kindest/node:v1.34.9", "kind v0.33.0", .ok), ("mine/node:latest", "kind v0.33.0", .ok),
        (nil, "kind v0.33.0 go1.25 linux/amd64", .error), (nil, "kind v0.30.0", .ok),
    ]

    @Test(arguments: hosts)
    func `cgroup v1 is no host for a kubelet of 1_35 and later`(
        image: String?, kind: String, severity: Finding.Severity
    ) async throws {
        let cluster = image.map { ["nodeImage": JSONValue.string($0)] } ?? [:]
        let found = try #require(try await finding("cgroups", cluster: cluster, kind: kind))
        #expect(found.severity == severity)
        #expect(found.evidence.hasPrefix("rootful, cgroup v1"))
    }

    @Test func `the name service of a podman in a machine is not looked for here`() async throws {
        let remote = [(#""serviceIsRemote": false"#, #""serviceIsRemote": true"#)]
        #expect(try await finding("name service", replacing: remote) == nil)
    }

    /// Where the engine's service is, and whether its ports are there, too.
    private static let services = [
        ("ssh://core@127.0.0.1:40123/run/user/1000/podman/podman.sock", false),
        ("tcp://localhost:2375", false), ("tcp://[::1]:2375", false),
        ("tcp://localhost.lab:2375", true), ("ssh://root@build.lab/run/podman.sock", true),
    ]

    @Test(arguments: services)
    func `the ports of a machine on this computer are not called elsewhere`(
        service: String, isElsewhere: Bool
    ) throws {
        let engine = try SampleSession([:]).session.engine
        #expect((engine.remotePorts(["CONTAINER_HOST": service]) != nil) == isElsewhere)
    }

    @Test func `the name service is where podman says that it is`() async throws {
        func told(_ path: String) async throws -> Finding? {
            try await finding(
                "name service",
                replacing: [
                    (
                        #""path": "/usr/lib/podman/aardvark-dns""#, #""path": "\#(path)""#
                    )
                ], info: "podman-5.8.6-info.json")
        }
        #expect(try await told("/bin/sh")?.severity == .ok)
        let missing = try await told("/nowhere/aardvark-dns")
        #expect(missing?.severity == .warning)
        #expect(missing?.evidence.hasPrefix("there is no /nowhere/aardvark-dns:") == true)
    }
}
