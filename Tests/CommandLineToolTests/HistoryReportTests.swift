import SystemLibraries
import Testing

@testable import CommandLineTool
@testable import Deployment
@testable import Sessions
@testable import Vocabulary

@Suite struct `What history says` {
    private func deploy(exitCode: Int32 = 0) throws -> DeployHistoryReport.Deploy {
        let digest = try Digest("sha256:" + String(repeating: "ab", count: 32))
        return DeployHistoryReport.Deploy(
            number: 2,
            record: DeployRecord(
                time: Date(timeIntervalSince1970: 1_800_000_000), seconds: 14.2, namespace: "shop",
                images: [.init(name: "web", tag: "dev-1", digest: digest)],
                verdicts: ["match": 2, "matchPlatform": 1], exitCode: exitCode,
                error: exitCode == 0 ? nil : "deployment/web was given up",
                steps: [
                    .init(name: "build web", seconds: 11), .init(name: "push web", seconds: 0.4),
                ]))
    }

    @Test func `a deploy in full has digests, verdicts and the time of each step`() throws {
        #expect(
            try deploy().text(plain) == """
                deploy 2 to namespace shop: proven, 2027-01-15T08:00:00Z, took 14s
                web:dev-1  sha256:\(String(repeating: "ab", count: 32))
                containers: 2 match, 1 match (platform manifest)

                STEP       TOOK
                build web  11s
                push web   0.4s
                """)
        #expect(try deploy(exitCode: 1).text(plain).contains("error: deployment/web was given up"))
        var forward = try deploy(exitCode: 1)
        forward.record.isVerified = true
        #expect(forward.text(plain).contains("namespace shop: proven, but a forward is missing, "))
    }

    @Test func `a deploy to several namespaces names all, the project's first`() throws {
        var deploy = try deploy()
        deploy.record.namespaces = ["jobs", "shop"]
        #expect(deploy.text(plain).hasPrefix("deploy 2 to namespaces shop, jobs: proven, "))
    }

    @Test func `the list has a line with the digest for each deploy`() throws {
        let report = DeployHistoryReport(namespace: "shop", deploys: [try deploy()])
        #expect(
            report.text(plain) == """
                N  ENDED                 RESULT  TOOK  IMAGES
                2  2027-01-15T08:00:00Z  proven  14s   web:dev-1 (abababababab)
                """)
    }
}
