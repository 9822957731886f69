import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters
@testable import Forwards
@testable import Images
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

/// A file that cannot be read is neither absent nor empty, whatever the system's reason.
struct UnreadableFileTests {
    private let sample: SampleSession
    private var session: Session { sample.session }

    init() throws { sample = try SampleSession(["images": [["name": "web"]]]) }

    /// What `open` may answer for a file that is there.
    static let reasons = [EACCES, EIO, EMFILE, ENFILE, ELOOP, ESTALE, ENOMEM]

    /// Runs the body while the path cannot be opened, and expects an error that names it.
    private func refuses(
        _ path: String, _ reason: Int32, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async {
        let error = await #expect(throws: DevClusterError.self, sourceLocation: sourceLocation) {
            try await WholeFile.$refusal.withValue({ $0 == path ? reason : nil }) {
                try await body()
            }
        }
        #expect(error?.message.contains("cannot read") == true, sourceLocation: sourceLocation)
        #expect(error?.message.contains(path) == true, sourceLocation: sourceLocation)
    }

    @Test func `only two answers of the system mean that a file is not there`() throws {
        #expect((1...133).filter { WholeFile.isAbsence($0) } == [ENOENT, ENOTDIR])
        try sample.folder.write("", to: "file")
        #expect(try WholeFile.read(sample.folder.file("none")) == nil)
        #expect(try WholeFile.read(sample.folder.file("file/below")) == nil)
        #expect(try WholeFile.names(in: sample.folder.file("none")) == nil)
    }

    @Test func `a folder, a pipe, and a circle of links in a file's place are not absence`() throws
    {
        let path = sample.folder.file("x")
        func check() throws {
            let error = #expect(throws: DevClusterError.self) { try WholeFile.read(path) }
            #expect(error?.message.contains(path) == true)
            try FileManager.default.removeItem(atPath: path)
        }
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        try check()
        #expect(mkfifo(path, 0o600) == 0)
        try check()
        #expect(symlink(path, path) == 0)
        #expect(throws: DevClusterError.self) { try WholeFile.exists(path) }
        try check()
        try sample.folder.write("", to: "x")
        #expect(throws: DevClusterError.self) { try WholeFile.names(in: path) }
    }

    @Test func `a file that nobody can have meant to be read whole is refused before it is read`()
        throws
    {
        let path = sample.folder.file("x")
        try sample.folder.write("", to: "x")
        #expect(truncate(path, off_t(WholeFile.largest)) == 0)
        #expect(try WholeFile.read(path)?.count == WholeFile.largest)
        #expect(truncate(path, 1 << 42) == 0)
        let error = #expect(throws: DevClusterError.self) { try WholeFile.read(path) }
        #expect(error?.message == "cannot read \(path): it is larger than 64 MB")
    }

    @Test(arguments: reasons)
    func `a record of a cluster that cannot be read is no missing cluster`(
        reason: Int32
    ) async throws {
        try sample.remember()
        let path = sample.place.record.path
        await refuses(path, reason) { try await session.requireCluster() }
        let record = try #require(try sample.place.record.read())
        await refuses(path, reason) { try sample.place.record.write(record) }
        #expect(try sample.place.record.read()?.phase == .ready)
    }

    @Test(arguments: reasons) func `a history that cannot be read is not begun anew`(reason: Int32)
        async throws
    {
        let record = DeployRecord(
            time: Date(), seconds: 1, namespace: "default", images: [], verdicts: nil, exitCode: 0,
            error: nil, steps: [])
        try await session.records.append([record])
        let path = session.records.path
        let before = try Data(contentsOf: URL(filePath: path))
        await refuses(path, reason) { try await session.records.append([record]) }
        await refuses(path, reason) { _ = try DeployHistory(session: session).list() }
        await refuses(path, reason) { _ = try session.buildRecords.all() }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test(arguments: reasons) func `forwards that cannot be read are not none`(reason: Int32)
        async throws
    {
        let folder = sample.place.folder
        let ledger = ForwardLedger(folder: folder)
        try ForwardSpecs(context: "kind-x").write(folder)
        await refuses(ForwardSpecs.path(folder), reason) { _ = try ledger.statuses() }
        await refuses(ForwardSpecs.path(folder), reason) {
            _ = try PortForwards(session: session).requests.specs()
        }
        await refuses("\(folder)/forwards", reason) { _ = try ledger.records() }
        await refuses("\(session.state.path)/clusters", reason) {
            _ = try session.state.allPlaces()
        }
    }

    @Test(arguments: reasons) func `a login that cannot be read is not nobody's login`(
        reason: Int32
    ) async throws {
        try sample.folder.write("{}", to: "auth.json")
        let path = sample.folder.file("auth.json")
        let store = CredentialStore(
            environment: ["REGISTRY_AUTH_FILE": path, "HOME": sample.folder.path],
            runner: sample.runner)
        await refuses(path, reason) { _ = try await store.login(for: "r.example") }
        let certificates = CertificateStore(
            environment: ["HOME": sample.folder.path], state: session.state)
        await refuses(sample.folder.file(".config/containers/certs.d/r.example"), reason) {
            _ = try certificates.certificates(for: "r.example")
        }
    }

    @Test(arguments: reasons) func `sources that cannot be read are not left out of the digest`(
        reason: Int32
    ) async throws {
        try sample.folder.write("FROM scratch\nCOPY . /\n", to: "Containerfile")
        try sample.folder.write("x\n", to: ".dockerignore")
        let hash = ContextHash(
            context: sample.folder.path, containerfile: sample.folder.file("Containerfile"),
            target: nil, arguments: [:], engine: .podman)
        await refuses(hash.containerfile, reason) { _ = try hash.plan() }
        await refuses(sample.folder.file(".dockerignore"), reason) {
            _ = try IgnoreRules(
                context: hash.context, containerfile: hash.containerfile, engine: .podman)
        }
        await refuses(sample.folder.file("Containerfile"), reason) {
            _ = try BuildSources(
                session.configuration.images[0], of: session.configuration, engine: .podman)
        }
    }

    @Test(arguments: reasons) func `a configuration that cannot be told is not the default one`(
        reason: Int32
    ) async throws {
        let path = sample.folder.file("devcluster.yml")
        await refuses(path, reason) {
            _ = try ConfigurationFinder(home: nil).find(from: sample.folder.path)
        }
    }

    @Test(arguments: reasons) func `our own kubeconfig is not thrown away where it cannot be read`(
        reason: Int32
    ) async throws {
        try sample.remember()
        try AtomicFile.write(Data("whole".utf8), to: sample.place.kubeconfig)
        sample.runner.expect(where: { $0.tool == "kubectl" }, named: "kubectl", times: nil) { _ in
            .failure(1, stderr: "error: open: not now\n")
        }
        await refuses(sample.place.kubeconfig, reason) {
            _ = try await UserKubeconfig(session: session).mend(switchesContext: false)
        }
        #expect(try String(contentsOfFile: sample.place.kubeconfig, encoding: .utf8) == "whole")
    }
}
