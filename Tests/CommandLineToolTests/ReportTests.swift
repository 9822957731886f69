import ChildProcess
import Testing

@testable import Clusters
@testable import CommandLineTool
@testable import Deployment
@testable import Forwards
@testable import Settings
@testable import Verification

@Suite struct `What commands print` {
    @Test func `up tells what it changed and where to find things`() {
        var report = UpReport(
            cluster: "shop", context: "kind-shop", nodes: ["shop-control-plane", "shop-worker"],
            registry: "localhost:5001",
            changes: ["started shop-worker", "registry recreated: it is exited"])
        #expect(
            report.text(plain) == """
                shop is up: started shop-worker; registry recreated: it is exited
                  context   kind-shop
                  nodes     shop-control-plane, shop-worker
                  registry  localhost:5001
                """)
        #expect(report.exitCode == 0)
        report.changes = []
        #expect(report.text(plain).hasPrefix("shop is up: nothing had to be changed\n"))
        report.drift = [
            ClusterDrift(field: "spec.cluster.workers", found: "1", wanted: "2")
        ]
        #expect(
            report.text(plain).contains(
                "  spec.cluster.workers\n    - 1  (the cluster)\n    + 2  (the configuration)\n"))
        #expect(report.exitCode == 2)
    }

    @Test func `stop tells what it stopped, and who still uses the registry`() {
        var report = StopReport(
            cluster: "shop", stopped: ["node shop-control-plane"], sharedWith: ["other"])
        #expect(
            report.text(plain) == """
                stopped node shop-control-plane
                the registry goes on: other uses it
                'devcluster up' resumes it
                """)
        report.stopped = []
        report.sharedWith = []
        #expect(report.text(plain).hasPrefix("nothing to stop in 'shop'\n"))
    }

    @Test func `down lists what it deleted, or says that there was nothing`() {
        let deleted = ["port-forward web", "cluster shop", "registry kind-registry"]
        #expect(
            DownReport(cluster: "shop", deleted: deleted).text(plain)
                == "deleted port-forward web, cluster shop, registry kind-registry")
        #expect(
            DownReport(
                cluster: "shop", deleted: ["registry r"], kept: "the images are still there"
            ).text(plain) == "deleted registry r; the images are still there")
        #expect(
            DownReport(cluster: "shop", deleted: []).text(plain)
                == "nothing to delete: there is no cluster 'shop'")
    }

    @Test func `build shows each image with its digest and times`() throws {
        let report = BuildReport(images: [
            builtImage("web", digest: try digest("ab")), builtImage("gateway/api", digest: nil),
        ])
        #expect(
            report.text(plain) == """
                IMAGE        REFERENCE                         DIGEST        BUILD  PUSH
                web          localhost:5001/web:dev-1          abababababab  0.3s   12s
                gateway/api  localhost:5001/gateway/api:dev-1  -             0.3s   12s
                """)
    }

    @Test func `forwards are a table`() {
        let report = ForwardsReport(forwards: [
            ForwardsReport.Row(cluster: "shop", status: forward("web")),
            ForwardsReport.Row(cluster: "other", status: forward("api", state: .dead, age: 90061)),
        ])
        #expect(
            report.text(plain) == """
                NAME  CLUSTER  TARGET             URL                    STATE    AGE     RESTARTS  CONNECTIONS  BYTES
                web   shop     shop/svc/web:http  http://127.0.0.1:8080  running  1m 15s  2         7            2 MB
                api   other    shop/svc/api:http  http://127.0.0.1:8080  dead     1d 1h   2         7            2 MB
                api: its supervisor is gone; 'devcluster pf start' or 'restart' brings it back
                """)
        #expect(ForwardsReport(forwards: []).text(plain) == "no forwards")
    }

    @Test func `stopping forwards names those that were ended`() {
        #expect(ForwardsStopped(ended: ["api", "web"]).text(plain) == "ended api, web")
        #expect(ForwardsStopped(ended: []).text(plain) == "no forwards were running")
    }

    @Test func `cleanup lists what others started and says whether it was ended`() throws {
        let process = ProcessIdentity.current
        let command = "kubectl port-forward svc/db 5432"
        var cleanup = ForwardCleanup(
            ended: ["podman-shop/web"],
            foreign: [ForeignForward(process: process, user: "jo", command: command)],
            endedForeign: false)
        #expect(
            cleanup.text(plain) == """
                ended podman-shop/web
                left alone, started by others (end them with --foreign):
                  \(process.pid)  jo  \(command)
                """)
        cleanup.endedForeign = true
        cleanup.ended = []
        #expect(
            cleanup.text(plain) == """
                no forwards of ours
                ended also, started by others:
                  \(process.pid)  jo  \(command)
                """)
        cleanup.foreign = []
        #expect(cleanup.text(plain) == "no forwards of ours")
    }

    @Test func `the demo ends with the page and what to try next`() throws {
        let report = DemoReport(
            up: UpReport(
                cluster: "devcluster-demo", context: "kind-devcluster-demo", nodes: [],
                registry: "localhost:5051", changes: []),
            deploy: DeployReport(
                context: "kind-devcluster-demo", namespace: "demo", images: [], applied: [],
                rollouts: [],
                verification: VerificationReport(containers: [
                    try judged("hello", runs: "aa", served: "bb", verdict: .stale, reason: "so")
                ]), forwards: [forward("hello")]),
            page: "/state/demo/www/index.html", configuration: "/state/demo/devcluster.yaml")
        #expect(
            report.text(plain).hasSuffix(
                """
                hello  http://127.0.0.1:8080

                The page: http://127.0.0.1:8080

                Try next:
                  edit /state/demo/www/index.html
                  devcluster --config /state/demo/devcluster.yaml deploy --unique-tag
                  devcluster --config /state/demo/devcluster.yaml verify-image
                  devcluster pf list
                  devcluster demo --clean
                """))
        #expect(report.exitCode == 2)
        #expect(DemoCleaned(deleted: []).text(plain) == "there is no demo to remove")
        #expect(
            DemoCleaned(deleted: ["cluster a", "registry b"]).text(plain)
                == "deleted cluster a, registry b")
    }

    @Test func `the configuration shows each value with its origin`() {
        let report = ConfigurationReport(
            file: "/shop/devcluster.yaml",
            values: [
                ConfigurationView.Entry(
                    path: "metadata.name", value: "shop", absent: nil, origin: .file,
                    source: "/shop/devcluster.yaml"),
                ConfigurationView.Entry(
                    path: "spec.engine", value: nil, absent: "podman first", origin: .default,
                    source: nil),
                ConfigurationView.Entry(
                    path: "spec.namespace", value: "test", absent: nil, origin: .flag, source: nil),
            ])
        #expect(
            report.text(plain) == """
                # /shop/devcluster.yaml
                FIELD           VALUE           ORIGIN
                metadata.name   shop            /shop/devcluster.yaml
                spec.engine     (podman first)  default
                spec.namespace  test            flag
                """)
        let empty = ConfigurationReport(file: nil, values: [])
        #expect(empty.text(plain) == "# no configuration file: all defaults\nFIELD  VALUE  ORIGIN")
    }

    @Test(
        arguments: [
            (0.0, "0.0s"), (-1e300, "0.0s"), (0.04, "0.0s"), (0.25, "0.3s"), (9.94, "9.9s"),
            (9.96, "10s"),
            (59.4, "59s"), (59.6, "1m 0s"), (185, "3m 5s"), (3600, "1h 0m"), (90061, "1d 1h"),
        ])
    func `durations are as short as people say them`(seconds: Double, text: String) {
        #expect(shortDuration(seconds) == text)
    }
}
