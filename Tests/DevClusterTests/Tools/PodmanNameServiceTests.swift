import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Sessions
@testable import Tools

/// The file of netavark 1.4.0 after podman was killed in several `up`: `me-registry` is at two
/// addresses of containers that are gone, `dct-7401-5b80-registry` where it is.
struct PodmanNameServiceTests {
    private let sample: SampleSession
    private let path: String
    private var names: PodmanNameService { sample.session.podmanNameService }

    init() throws {
        sample = try SampleSession(hasNameService: true)
        path = "run/networks/aardvark-dns/kind"
        try sample.folder.write(
            Fixture.text("netavark-1.4.0-aardvark-dns-killed.txt"), to: path)
    }

    private func container(_ id: String, at address: String) throws -> Container {
        var container = try Fixture.container("running")
        container.id = id
        container.networks = ["kind": address]
        return container
    }

    private func lines(of name: String) throws -> Int {
        try text().split(separator: "\n").count { $0.contains(" \(name),") }
    }

    private func text() throws -> String {
        try String(contentsOfFile: sample.folder.file(path), encoding: .utf8)
    }

    private func expectPodman() {
        sample.runner.expect(
            "podman", ["info"], returning: .ok(sample.folder.file("run/storage") + "\n"))
    }

    private let registry = "dct-7401-5b80-registry"
    private let id = "5635ba784b786da42730857256d7b0cb68fe9b06fe14598ac360d150da4e1828"

    @Test func `addresses of containers that are gone are found and taken away`() async throws {
        expectPodman()
        let there = ["me-registry": try container("new", at: "10.89.0.50")]
        #expect(names.find(there) == ["me-registry"])
        let servers = try text().prefix { $0 != "\n" }
        let others = try lines(of: "me-worker")
        await names.remove(there)
        #expect(try lines(of: "me-registry") == 0)
        #expect(try lines(of: "me-worker") == others)
        #expect(try text().hasPrefix(servers + "\n"))
        #expect(names.find(there) == [])
        #expect(sample.activity.notes.count == 1)
    }

    @Test func `a container's own address stays, another of it does not`() async throws {
        #expect(names.find([registry: try container(id, at: "10.89.1.4")]) == [])
        #expect(names.find([registry: try container(id, at: "10.89.1.9")]) == [registry])
        // A stopped one has no address that could be compared.
        #expect(names.find([registry: try container(id, at: "")]) == [])
    }

    @Test(arguments: [
        "gone 10.89.0.7  me-registry,gone ", "gone 10.89.0.7  me-registry", "gone   me-registry,x",
        "gone 10.89.0.7 fd00::7 me-registry 10.89.0.1", "    ", "a", "gone 10.89.0.7 ", " ",
    ]) func `a line of a network without IPv6 has an empty field`(line: String) throws {
        try sample.folder.write("10.89.0.1\n\(line)\n", to: path)
        let found = names.find(["me-registry": try container("new", at: "10.89.0.50")])
        #expect(found == (line.contains("me-registry") ? ["me-registry"] : []))
    }

    @Test func `a name that nothing has is not to be found`() async throws {
        expectPodman()
        await names.remove(["me-registry": nil])
        #expect(try lines(of: "me-registry") == 0)
    }

    @Test func `the file of a network that is gone is removed`() async throws {
        // podman 4.3.1 prints the empty list without a format only.
        sample.runner.expect(
            "podman", ["network", "inspect", "kind", "--format"],
            returning: .failure(
                125,
                stderr: "Error: inspecting object: network kind: unable to find network with name"
                    + " or ID kind: network not found\n", output: "\n"))
        sample.runner.expect(
            "podman", ["network", "inspect", "kind"], returning: .failure(125, output: "[]\n"))
        expectPodman()
        await names.mendServers()
        #expect(!FileManager.default.fileExists(atPath: sample.folder.file(path)))
    }

    @Test func `a network that was made anew gets its own name servers`() async throws {
        sample.runner.expect(
            "podman", ["network", "inspect", "kind", "--format"],
            returning: .ok("fdcd:3cec:9385:2f15::1 10.89.1.1 \n"), times: 2)
        expectPodman()
        let lines = try text().split(separator: "\n").count
        await names.mendServers()
        #expect(try text().hasPrefix("fdcd:3cec:9385:2f15::1,10.89.1.1\n"))
        #expect(try text().split(separator: "\n").count == lines)
        await names.mendServers()
        #expect(sample.activity.notes.count == 1)
    }

    @Test func `files of another podman are left alone`() async throws {
        sample.runner.expect("podman", ["info"], returning: .ok("/elsewhere/storage\n"))
        await names.remove(["me-registry": nil])
        #expect(try lines(of: "me-registry") == 2)
    }
}
