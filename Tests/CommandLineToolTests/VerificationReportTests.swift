import SystemLibraries
import Testing

@testable import CommandLineTool
@testable import Deployment
@testable import Forwards
@testable import Registries
@testable import StateFiles
@testable import Verification
@testable import Vocabulary
@testable import Workloads

@Suite struct `What verify-image and deploy say` {
    @Test func `all containers match`() throws {
        let report = VerificationReport(containers: [
            try judged("web-1"), try judged("web-2", verdict: .matchPlatform),
            try judged(
                "web-2", "proxy", image: "docker.io/library/envoy:1", runs: "cc", served: nil,
                verdict: .notOurs),
        ])
        #expect(
            report.text(plain) == """
                POD    CONTAINER  IMAGE                      RUNS          SERVED        VERDICT
                web-1  web        localhost:5001/web:dev-1   aaaaaaaaaaaa  aaaaaaaaaaaa  match
                web-2  web        localhost:5001/web:dev-1   aaaaaaaaaaaa  aaaaaaaaaaaa  match (platform manifest)
                web-2  proxy      docker.io/library/envoy:1  cccccccccccc  -             not ours

                ✓ 2 containers running what the registry serves
                """)
        #expect(report.exitCode == 0)
    }

    @Test func `a stale container is explained, with both digests in full`() throws {
        let reason =
            "it runs aaaaaaaaaaaa, the registry serves bbbbbbbbbbbb: the tag was pushed again,"
            + " and IfNotPresent serves the image cached on shop-worker"
        let report = VerificationReport(containers: [
            try judged("web-1", runs: "aa", served: "bb", verdict: .stale, reason: reason),
            try judged("web-2", runs: "bb", served: "bb"),
        ])
        #expect(
            report.text(plain) == """
                POD    CONTAINER  IMAGE                     RUNS          SERVED        VERDICT
                web-1  web        localhost:5001/web:dev-1  aaaaaaaaaaaa  bbbbbbbbbbbb  stale
                web-2  web        localhost:5001/web:dev-1  bbbbbbbbbbbb  bbbbbbbbbbbb  match

                stale: web-1/web: \(reason)
                  runs    \(try digest("aa"))
                  served  \(try digest("bb"))
                ✗ 1 stale, 1 fresh
                """)
        #expect(report.exitCode == 2)
    }

    @Test func `pods that are stale alike are explained once, with what they run`() throws {
        var containers = [
            try judged("web-1", served: "bb", verdict: .stale, reason: "the tag was pushed again"),
            try judged("web-2", served: "bb", verdict: .stale, reason: "the tag was pushed again"),
        ]
        for index in containers.indices {
            containers[index].cause = .cachedImage
            containers[index].isMendable = true
            containers[index].origin = ImageOrigin(
                tag: "dev-1", commit: "0f3c9a1b2c3d4e5f", isDirty: true,
                builtAt: Date(timeIntervalSince1970: 1_795_000_000))
        }
        let text = VerificationReport(containers: containers).text(plain)
        #expect(
            text.hasSuffix(
                """

                stale: web-1/web, web-2/web: the tag was pushed again
                  runs    \(try digest("aa"))  dev-1, commit 0f3c9a1b2c3d with changes, \
                built 2026-11-18T11:06:40Z
                  served  \(try digest("bb"))
                ✗ 2 stale, 0 fresh; mend it with 'devcluster verify-image --fix'
                """), "\(text)")
    }

    @Test func `what was mended comes first, and what was left says why`() throws {
        var report = VerificationReport(containers: [try judged("web-1")])
        report.fix = ImageFixReport(
            unpinned: ["shop/deployment/web: web=localhost:5001/web:1"],
            removed: [
                RemovedReference(
                    node: "shop-worker", reference: "localhost:5001/web:1", outcome: .removed,
                    freedBytes: 0),
                RemovedReference(
                    node: "shop-worker2", reference: "localhost:5001/web:1", outcome: .absent,
                    freedBytes: 0),
            ], replaced: ["shop/deployment/web"],
            left: [.init(container: "shop/bare/main", reason: "nothing would bring it back")])
        #expect(
            report.text(plain).hasPrefix(
                """
                unpinned shop/deployment/web: web=localhost:5001/web:1
                removed localhost:5001/web:1 from shop-worker
                replaced the pods of shop/deployment/web
                left shop/bare/main: nothing would bring it back

                POD
                """))
    }

    @Test func `an undecided container is no match, and says why`() throws {
        let report = VerificationReport(containers: [
            try judged("web-1"),
            try judged(
                "web-2", runs: nil, served: nil, verdict: .unknown,
                reason: "the container was not created yet"),
        ])
        #expect(
            report.text(plain) == """
                POD    CONTAINER  IMAGE                     RUNS          SERVED        VERDICT
                web-1  web        localhost:5001/web:dev-1  aaaaaaaaaaaa  aaaaaaaaaaaa  match
                web-2  web        localhost:5001/web:dev-1  -             -             unknown

                unknown: web-2/web: the container was not created yet
                ? 1 not decided, 1 fresh
                """)
        #expect(report.exitCode == 3)
    }

    @Test func `stale beats undecided`() throws {
        let report = VerificationReport(containers: [
            try judged("a", verdict: .unknown, reason: "no"),
            try judged("b", served: "bb", verdict: .stale, reason: "yes"),
        ])
        #expect(report.exitCode == 2)
        #expect(report.text(plain).hasSuffix("✗ 1 stale, 0 fresh"))
    }

    @Test func `nothing judged is not a success`() throws {
        let none = VerificationReport(containers: [])
        #expect(none.text(plain) == "there are no pods here, so nothing was judged")
        #expect(none.exitCode == 3)
        let foreign = VerificationReport(containers: [
            try judged("web-1", verdict: .notOurs),
            try judged("web-2", verdict: .notJudged, reason: "being deleted"),
        ])
        #expect(
            foreign.text(plain).hasSuffix(
                "? no container runs an image of ours, so nothing was judged"))
        #expect(foreign.exitCode == 3)
    }

    @Test func `pods of several namespaces are told apart`() throws {
        let report = VerificationReport(containers: [
            try judged("web", namespace: "shop"), try judged("web", namespace: "test"),
        ])
        let lines = report.text(plain).split(separator: "\n")
        #expect(lines[1].hasPrefix("shop/web  "))
        #expect(lines[2].hasPrefix("test/web  "))
    }

    @Test func `each verdict has its colour`() throws {
        let report = VerificationReport(containers: [
            try judged("a"), try judged("b", verdict: .stale), try judged("c", verdict: .unknown),
            try judged("d", verdict: .notOurs),
        ])
        let lines = report.text(TextStyle(hasColor: true)).split(separator: "\n")
        #expect(lines[1].hasPrefix("a "))
        #expect(lines[2].hasPrefix("\u{1B}[31mb ") && lines[2].hasSuffix("\u{1B}[0m"))
        #expect(lines[3].hasPrefix("\u{1B}[33mc "))
        #expect(lines[4].hasPrefix("\u{1B}[2md "))
    }

    @Test func `a deploy shows what was built, rolled out, proven and forwarded`() throws {
        let report = try deployReport(try judged("web-1"))
        #expect(
            report.text(plain) == """
                localhost:5001/web:dev-1  aaaaaaaaaaaa
                deployment/web  2/2  1.5s
                ✓ 1 container running exactly what was built
                web  http://127.0.0.1:8080
                """)
        #expect(report.exitCode == 0)
    }

    @Test func `a deploy whose pods run something else shows the whole comparison`() throws {
        let stale = try judged("web-1", runs: "bb", verdict: .stale, reason: "it is so")
        let report = try deployReport(stale)
        #expect(
            report.text(plain) == """
                localhost:5001/web:dev-1  aaaaaaaaaaaa
                deployment/web  2/2  1.5s
                \(VerificationReport(containers: [stale]).text(plain))
                web  http://127.0.0.1:8080
                """)
        #expect(report.exitCode == 2)
    }

    @Test func `a dry run proves nothing and does not fail`() throws {
        var report = try deployReport(try judged("web-1"))
        report.verification = nil
        report.rollouts = []
        #expect(report.exitCode == 0)
        #expect(!report.text(plain).contains("✓"))
    }

    @Test func `a proven deploy with bad forwards says both, and fails`() throws {
        var report = try deployReport(
            try judged("web-1", runs: "aa", served: "aa", verdict: .match))
        report.forwardProblems = [
            ForwardProblem(
                DevClusterError(.failed, "port 1 is taken", hint: "end it"), forward: "a"),
            ForwardProblem(DevClusterError(.failed, "port 2 is taken"), forward: "b"),
        ]
        #expect(report.exitCode == 1)
        #expect(
            report.text(plain).hasSuffix(
                """
                ✓ 1 container running exactly what was built
                web  http://127.0.0.1:8080
                ✗ port 1 is taken
                  hint: end it
                ✗ port 2 is taken
                """))
    }

    @Test func `as JSON a verdict keeps both digests`() throws {
        let report = VerificationReport(containers: [
            try judged("web-1", runs: "aa", served: "bb", verdict: .stale, reason: "it is so")
        ])
        let data = try JSONEncoder.state.encode(report)
        let json = try JSONValue(parsing: data)["containers"]?.array?.first
        #expect(json?["verdict"]?.string == "stale")
        #expect(json?["running"]?.string == (try digest("aa").description))
        #expect(json?["served"]?.string == (try digest("bb").description))
        #expect(json?["reason"]?.string == "it is so")
        #expect(json?["subject"]?["pod"]?.string == "web-1")
    }

    private func deployReport(_ container: JudgedContainer) throws -> DeployReport {
        DeployReport(
            context: "kind-shop", namespace: "shop",
            images: [builtImage("web", digest: try digest("aa"))],
            applied: ["deployment.apps/web configured"],
            rollouts: [RolloutResult(workload: "deployment/web", state: "2/2", seconds: 1.52)],
            verification: VerificationReport(containers: [container]),
            forwards: [forward("web")])
    }
}
