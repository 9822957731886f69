import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Clusters
@testable import Diagnosis
@testable import Sessions
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

struct DoctorTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }

    init() throws { try self.init(["cluster": ["workers": 1]]) }

    private init(_ spec: [String: JSONValue]) throws {
        sample = try SampleSession(spec)
        engine.install(sample.runner)
    }

    /// What the programs of a healthy machine print; nothing of a node.
    private func expectTools() throws {
        for (tool, text) in [
            ("podman", "podman version 4.3.1"), ("kind", "kind v0.27.0 go1.23.6 linux/amd64"),
            ("curl", "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1"),
        ] {
            runner.expect(
                where: {
                    $0.tool == tool && ["--version", "version"].contains($0.arguments.first)
                },
                named: "\(tool) version", times: nil
            ) { _ in .ok(text + "\n") }
        }
        runner.expect(
            where: { $0.tool == "kubectl" && $0.arguments.contains("version") },
            named: "kubectl version", times: nil
        ) { _ in
            .ok(
                #"{"clientVersion": {"gitVersion": "v1.32.4"}, "#
                    + #""serverVersion": {"gitVersion": "v1.20.2"}}"#)
        }
        runner.expect(
            "podman", ["info"], returning: .ok(try Fixture.text("podman-4.3.1-info.json")),
            times: nil)
        runner.expect("podman", ["ps", "--all", "--format"], times: nil)
        runner.expect("podman", ["volume", "ls"], times: nil)
    }

    /// - Parameter text: made when a node is asked, since it tells the time.
    private func expectNodes(_ text: @autoclosure @escaping @Sendable () -> String) {
        runner.expect("podman", ["exec", "--interactive"], times: nil) { _ in .ok(text()) }
    }

    /// A node's answers, as `NodeChecks` asks for them, recorded with kind 0.27 and put together.
    private func node(_ changes: [String: String] = [:]) -> String {
        let hosts = NodeWiring(session: sample.session).content
        let parts = [
            "clock": "\(Int(Date().timeIntervalSince1970))", "wiring": hosts, "wiring2": hosts,
            "config": #"      config_path = "/etc/containerd/certs.d""#,
            "name": "10.89.0.5       devcluster-demo-registry.dns.podman",
            "pull": "Image is up to date for sha256:c4b077dbe1df",
            "disk": "/dev/vda 264212084 30931748 219788780 13% /var",
        ].merging(changes) { $1 }
        return parts.map { "==devcluster==\($0.key)\n\($0.value)\n" }.joined()
    }

    private func look() async throws -> DoctorReport {
        try await Doctor(
            environment: sample.session.environment, runner: runner, state: sample.session.state,
            session: .success(sample.session)
        ).run()
    }

    private func finding(_ subject: String, in report: DoctorReport) -> [String] {
        report.findings.filter { $0.subject == subject }.map { "\($0.severity): \($0.evidence)" }
    }

    @Test func `a healthy cluster has nothing wrong`() async throws {
        try sample.remember()
        try expectTools()
        expectNodes(node())
        try runner.expectHealthyCluster()
        let report = try await look()
        let wrong = report.findings.filter {
            $0.severity == .error && !["inotify", "disk"].contains($0.subject)
        }
        #expect(wrong == [])
        #expect(
            finding("node devcluster-demo-worker", in: report) == [
                "ok: hosts.toml is right for both names of the registry",
                "ok: it pulls from the registry",
            ])
        #expect(
            finding("registry devcluster-demo-registry", in: report)
                == ["ok: it answers at localhost:5051"])
        #expect(runner.changes == [])
    }

    /// Expects all that is asked of a healthy cluster.
    private func expectAll() throws {
        try sample.remember()
        try expectTools()
        expectNodes(node())
        try runner.expectHealthyCluster()
    }

    @Test func `helm is looked for where a chart is deployed, and nowhere else`() async throws {
        let spec: [String: JSONValue] = [
            "cluster": ["workers": 1], "manifests": [["helm": ["chart": "chart"]]],
        ]
        let without = try DoctorTests(spec)
        try without.expectAll()
        #expect(
            without.finding("helm", in: try await without.look()) == ["error: it is not installed"])
        let old = try DoctorTests(spec)
        try old.expectAll()
        try old.sample.folder.write("", to: "bin/helm", mode: 0o755)
        old.runner.expect("helm", ["version", "--short"], returning: .ok("v3.9.4+gdbc6d8e\n"))
        #expect(
            old.finding("helm", in: try await old.look())
                == ["error: v3.9.4+gdbc6d8e: before 3.10 it has no --set-json"])
        try expectAll()
        #expect(finding("helm", in: try await look()).isEmpty)
    }

    @Test func `what Kubernetes runs for itself is looked at, and whether nodes are ready`()
        async throws
    {
        try sample.remember()
        try expectTools()
        expectNodes(node())
        let broken = try Fixture.cluster("system-broken")
        runner.expectKubectl(
            ["get", "nodes,deployments.apps,replicasets.apps,daemonsets.apps,pods"],
            returning: .ok(broken))
        let healthy = try Fixture.cluster("system")
        runner.expectKubectl(
            ["get", "nodes,deployments.apps,replicasets.apps,daemonsets.apps,pods"],
            returning: .ok(healthy.replacing("\"name\":\"coredns\"", with: "\"name\":\"other\"")))
        try runner.expectHealthyCluster()
        let report = try await look()
        #expect(
            finding("node devcluster-demo-worker", in: report).first
                == "error: it is not ready: Kubelet stopped posting node status.")
        let system = finding("kube-system", in: report)
        let reason =
            "NodeNotReady: node devcluster-demo-worker: Kubelet stopped posting node status."
        #expect(
            system == [
                "warning: daemonset/kube-proxy (pod kube-proxy-58d8w): \(reason)",
                "warning: deployment/coredns (pod coredns-64b85bcd59-fffpw): \(reason)",
            ])
        #expect(
            finding("kube-system", in: try await look()) == [
                "error: there is no deployment/coredns: pods find no Service by its name"
            ])
        #expect(finding("kube-system", in: try await look()) == ["ok: 6 components are ready"])
    }

    @Test(arguments: [
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-1e300"),
        ("99999999999999999999999", "1e300"), ("1e9", "nan"), ("", "inf"),
    ]) func `a node may print any number`(free: String, time: String) async throws {
        try sample.remember()
        try expectTools()
        expectNodes(
            node(["clock": time, "disk": "/dev/vda 264212084 30931748 \(free) 13% /var"]))
        try runner.expectHealthyCluster()
        #expect(try await look().findings.contains { $0.subject == "node devcluster-demo-worker" })
    }

    @Test func `each fault of a node is told with what mends it`() async throws {
        try sample.remember()
        try expectTools()
        expectNodes(
            node([
                "wiring": "cat: …/hosts.toml: No such file or directory", "name": "none",
                "pull": "FATA[0000] pulling image: no such host\nfailed 1",
                "clock": "\(Int(Date().timeIntervalSince1970) - 3600)",
                "disk": "/dev/vda 264212084 30931748 100000 99% /var",
            ]))
        try runner.expectHealthyCluster()
        let report = try await look()
        let found = finding("node devcluster-demo-worker", in: report)
        #expect(found.contains { $0.contains("hosts.toml is missing") })
        #expect(found.contains { $0.contains("does not find the address of 'devcluster-demo-reg") })
        #expect(found.contains { $0.hasSuffix("no such host") })
        #expect(found.contains { $0.hasPrefix("error: its clock is 36") && $0.contains("behind") })
        #expect(found.contains { $0 == "error: 102 MB free in /var" })
        #expect(report.exitCode == 2)
        // The worst come first.
        #expect(report.findings.first?.severity == .error)
    }

    /// podman answers several filters with what fits any of them (podman#26786).
    @Test func `only our volumes that nothing uses are called left over`() async throws {
        try sample.remember()
        let registry = sample.session.place.registry.volume
        for (filter, names) in [
            ("label=devcluster.dev/managed=true", "\(registry)\nold-data\nused-data\n"),
            ("dangling=true", "\(registry)\nold-data\nshop-database\n"),
        ] {
            runner.expect(
                "podman", ["volume", "ls", "--quiet", "--filter", filter], returning: .ok(names),
                times: nil)
        }
        try expectTools()
        expectNodes(node())
        try runner.expectHealthyCluster()
        let volumes = try await look().findings.map(\.subject).filter { $0.hasPrefix("volume") }
        #expect(volumes == ["volume old-data"])
    }

    @Test func `a stopped node and registry are named, and up mends them`() async throws {
        try sample.remember()
        try expectTools()
        expectNodes(node())
        try runner.expectHealthyCluster()
        engine.stop("devcluster-demo-worker")
        engine.stop("devcluster-demo-registry")
        let report = try await look()
        #expect(finding("node devcluster-demo-worker", in: report) == ["error: it is exited"])
        #expect(
            finding("registry devcluster-demo-registry", in: report) == ["error: it is exited"])
        #expect(report.findings.filter { $0.fix == .up }.count == 2)
    }

    @Test func `an engine that does not answer leaves everything else to be told`() async throws {
        runner.expect(where: { $0.tool == "podman" }, named: "hanging podman", times: nil) {
            throw InvocationError(.timedOut, $0)
        }
        let hanging = SampleSessionTools(runner)
        hanging.expectOthers()
        let report = try await look()
        #expect(
            finding("engine", in: report)
                == ["error: 'podman info' did not answer within 8 s"])
        #expect(
            finding("kind", in: report) == ["ok: kind v0.27.0 go1.23.6 linux/amd64"])
    }

    @Test func `a program that is slow is a warning, and what it says counts`() async throws {
        runner.expect(where: { $0.tool == "podman" }, named: "podman", times: nil) { call in
            Outcome(
                invocation: call, exit: .code(0), output: Data("podman version 4.3.1\n".utf8),
                duration: .seconds(call.arguments == ["--version"] ? 5 : 4))
        }
        SampleSessionTools(runner).expectOthers()
        let report = try await look()
        #expect(finding("podman", in: report) == ["ok: podman version 4.3.1"])
        let slow = try #require(finding("machine", in: report).first)
        #expect(slow.hasPrefix("warning: it is slow: 'podman' took 5s"), "\(slow)")
        #expect(slow.hasSuffix("over 3 s too"), "\(slow)")
        #expect(!report.findings.contains { $0.evidence.contains("did not answer") })
    }

    @Test func `no program gets more time than is left for all of them`() async throws {
        let deadlines = Mutex<[Duration]>([])
        runner.expect(where: { _ in true }, named: "anything", times: nil) { call in
            deadlines.withLock { $0.append(call.deadline ?? .seconds(1000)) }
            return .failure(1)
        }
        _ = try await look()
        let all = deadlines.withLock { $0 }
        #expect(!all.isEmpty)
        #expect(all.allSatisfy { $0 <= Doctor.deadline })
        #expect(Doctor.deadline + .seconds(2) <= .seconds(10))
    }

    @Test func `of a tool that fails at once it is said what it did, not that it was silent`()
        async throws
    {
        runner.expect(where: { $0.tool == "podman" }, named: "broken podman", times: nil) { _ in
            .failure(125, stderr: "Error: stat /run/x: permission denied\n")
        }
        SampleSessionTools(runner).expectOthers()
        let report = try await look()
        let said = "podman exited with code 125: Error: stat /run/x: permission denied"
        #expect(finding("engine", in: report) == ["error: \(said)"])
        let versions = report.findings.filter { $0.subject == "podman" || $0.subject == "curl" }
        #expect(
            Set(versions.map(\.evidence)) == [
                "it is installed and does not tell its version: \(said)",
                "it is installed and does not tell its version: curl exited with code 1",
            ])
        #expect(!report.findings.contains { $0.evidence.contains("within") })
    }

    @Test func `without a session the reason is a finding`() async throws {
        try expectTools()
        let report = try await Doctor(
            environment: ["PATH": "/nowhere"], runner: runner, state: sample.session.state,
            session: .failure(
                DevClusterError(.unavailable, "'podman' is not installed", hint: "install it"))
        ).run()
        #expect(finding("configuration", in: report) == ["error: 'podman' is not installed"])
        #expect(finding("kind", in: report) == ["error: it is not installed"])
        #expect(finding("git", in: report) == ["info: it is not installed"])
    }

    @Test func `a stale lock of a kubeconfig is found, and removed after a yes`() async throws {
        let path = sample.place.kubeconfig + ".lock"
        try AtomicFile.write(Data(), to: path, mode: 0o600)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: path)
        try expectTools()
        try runner.expectHealthyCluster()
        expectNodes(node())
        let found = try await look().findings.filter { $0.fix == .removeFile(path) }
        #expect(found.count == 1)
        let refusing = DoctorFix(session: sample.session) { _ in
            throw DevClusterError(.failed, "nothing was changed")
        }
        await #expect(throws: DevClusterError.self) { try await refusing.run(found) }
        #expect(FileManager.default.fileExists(atPath: path))
        let done = try await DoctorFix(session: sample.session) { _ in }.run(found)
        #expect(done == ["removed \(path)"])
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `what is mended with up gets its forwards back too`() async throws {
        let forward: JSONValue = ["name": "web", "target": "svc/web", "port": 18_999]
        let sample = try SampleSession(["cluster": ["workers": 1], "forwards": [forward]])
        try sample.remember()
        engine.install(sample.runner)
        try sample.runner.expectHealthyCluster()
        sample.runner.expectKubectl(["get", "svc/web", "--ignore-not-found"])
        let found = Finding("node", .error, "it was stopped", fix: .up)
        _ = try await DoctorFix(session: sample.session) { _ in }.run([found])
        #expect(sample.activity.notes.contains { $0.hasPrefix("forward web starts when svc/web") })
    }

    /// A version, the number of control planes, and what is said of it.
    private static let versions: [(String, Int, String)] = [
        ("podman version 4.3.1", 1, "ok: podman version 4.3.1"),
        (
            "podman version 6.1.1", 1,
            "info: podman version 6.1.1: newer than the versions that devcluster was tested with (4.3"
                + " to 5.8)"
        ),
        (
            "kind v0.20.0 go1.20.4 linux/amd64", 1,
            "info: kind v0.20.0 go1.20.4 linux/amd64: older than the versions that devcluster was"
                + " tested with (0.27 to 0.33)"
        ),
        ("kind v0.32.0 go1.25 linux/amd64", 1, "ok: kind v0.32.0 go1.25 linux/amd64"),
        (
            "kind v0.32.0 go1.25 linux/amd64", 3,
            "warning: kind v0.32.0 go1.25 linux/amd64: the load balancer before 3 control planes leads"
                + " nowhere any more when it was stopped once, and the API does not answer after"
                + " 'devcluster stop' or a reboot"
        ),
    ]

    @Test(arguments: versions)
    func `a version that was not tried, and one that is known to fail, are told`(
        text: String, planes: Int, told: String
    ) async throws {
        let tool = String(text.prefix { $0 != " " })
        let tests = try DoctorTests(["cluster": ["controlPlanes": .integer(Int64(planes))]])
        tests.runner.expect(
            where: { $0.tool == tool && ["--version", "version"].contains($0.arguments.first) },
            named: "\(tool) of this version", times: nil
        ) { _ in .ok(text + "\n") }
        try tests.expectTools()
        try tests.runner.expectHealthyCluster()
        tests.expectNodes(tests.node())
        #expect(tests.finding(tool, in: try await tests.look()) == [told])
    }

    @Test func `a curl that cannot say which request failed is an error`() async throws {
        runner.expect("curl", ["--version"], returning: .ok("curl 7.74.0 (x86_64)\n"))
        try expectTools()
        try runner.expectHealthyCluster()
        expectNodes(node())
        let said = finding("curl", in: try await look())
        #expect(
            said == [
                "error: curl 7.74.0 (x86_64): before 7.75 it does not say which of several"
                    + " requests failed"
            ])
    }

    #if os(Linux)
        @Test func `a file that cannot be removed is named, with the command that removes it`()
            async throws
        {
            // Not even root removes a file of /proc.
            let path = "/proc/self/status"
            let found = Finding("lock", .warning, "stale", fix: .removeFile(path))
            let error = await #expect(throws: DevClusterError.self) {
                try await DoctorFix(session: sample.session) { _ in }.run([found])
            }
            #expect(error?.message == "cannot remove /proc/self/status")
            #expect(error?.hint == "rm '/proc/self/status'")
        }
    #endif
}

/// The other tools of a machine whose engine hangs.
private struct SampleSessionTools {
    let runner: ScriptedRunner

    init(_ runner: ScriptedRunner) { self.runner = runner }

    func expectOthers() {
        runner.expect(where: { $0.tool != "podman" }, named: "others", times: nil) {
            $0.tool == "kind" ? .ok("kind v0.27.0 go1.23.6 linux/amd64\n") : .failure(1)
        }
    }
}

struct HostChecksTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func findings(_ environment: [String: String] = [:]) -> [Finding] {
        HostChecks(environment: environment, settings: folder.path).findings()
    }

    @Test func `inotify limits that are too low are named with the command`() throws {
        try folder.write("8192\n", to: "fs/inotify/max_user_watches")
        try folder.write("1024\n", to: "fs/inotify/max_user_instances")
        let finding = try #require(findings().first { $0.subject == "inotify" })
        #expect(finding.severity == .warning)
        #expect(finding.evidence.hasPrefix("fs.inotify.max_user_watches is 8192: "))
        #expect(finding.remedy == "sudo sysctl fs.inotify.max_user_watches=524288")
    }

    @Test func `the kernel's own inotify limits are no fault, and kind's advice is told`() throws {
        try folder.write("192908\n", to: "fs/inotify/max_user_watches")
        try folder.write("128\n", to: "fs/inotify/max_user_instances")
        let finding = try #require(findings().first { $0.subject == "inotify" })
        #expect(finding.severity == .info)
        #expect(
            finding.remedy
                == "sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512"
        )
    }

    @Test func `a proxy that also takes what is local is told`() throws {
        let finding = try #require(
            findings(["HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost, .corp"])
                .first { $0.subject == "proxy" })
        #expect(finding.severity == .warning)
        #expect(finding.evidence.hasSuffix("NO_PROXY does not name 127.0.0.1"))
        #expect(finding.remedy?.contains("127.0.0.1") == true)
        #expect(!finding.evidence.contains("proxy:3128"))
    }

    @Test func `a proxy's exceptions for the cluster are all advised`() throws {
        let environment = ["HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "localhost,127.0.0.1"]
        let checks = HostChecks(
            environment: environment, cluster: ["shop-registry", "10.96.0.0/16", ".svc"])
        let finding = try #require(checks.findings().first { $0.subject == "proxy" })
        #expect(finding.severity == .info)
        #expect(
            finding.remedy
                == "export NO_PROXY=\"${NO_PROXY:+$NO_PROXY,}shop-registry,10.96.0.0/16,.svc\"")
    }
}

struct EngineInfoTests {
    @Test func `podman's own words are understood`() throws {
        let info = try JSONDecoder().decode(
            EngineInfo.self, from: try Fixture.data("podman-4.3.1-info.json"))
        #expect(info.cgroupVersion == "v1")
        #expect(!info.isRootless)
        #expect(info.networkBackend == "netavark")
        #expect(info.root == "/var/lib/containers/storage")
        #expect(info.controllers.contains("pids"))
    }

    @Test(arguments: [
        ("kind v0.27.0 go1.23.6 linux/amd64", 0, 27), ("podman version 4.3.1", 4, 3),
        ("curl 7.88.1 (x86_64-pc-linux-gnu)", 7, 88), ("Client Version: v1.32.4", 1, 32),
    ]) func `versions are read from what tools print`(text: String, major: Int, minor: Int) {
        #expect(VersionNumber(in: text) == VersionNumber(major, minor))
    }

    @Test func `text without a version has none`() {
        #expect(VersionNumber(in: "command not found 7") == nil)
    }
}
