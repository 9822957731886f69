import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Tools
@testable import Vocabulary

struct StaleBuildTests {
    private func inputs(
        _ hash: String?, variant: String = "v", hasMounts: Bool = true, usedCache: Bool = true,
        isProbablyStale: Bool = false
    ) -> BuildInputs {
        BuildInputs(
            contextHash: hash, variant: variant, hasMounts: hasMounts, usedCache: usedCache,
            isProbablyStale: isProbablyStale)
    }

    private func record(
        _ inputs: BuildInputs?, imageID: String = "sha256:1", name: String = "web",
        time: Double = 1_767_323_045
    ) -> BuildRecord {
        .sample(name: name, imageID: imageID, time: time, inputs: inputs)
    }

    /// What is said of a build that gave image 1 from sources b.
    private func judge(_ records: [BuildRecord], now: BuildInputs? = nil) -> StaleBuild? {
        StaleBuild("web", imageID: "sha256:1", inputs: now ?? inputs("b"), records: records)
    }

    @Test func `changed sources and the image of then are suspicious`() throws {
        let stale = try #require(
            judge([record(inputs("0"), time: 10), record(inputs("a"))]))
        #expect(stale.since == Date(timeIntervalSince1970: 1_767_323_045))
        let podman = stale.warning(Engine(.podman, runner: ScriptedRunner()), isRemote: false)
        #expect(podman.contains("image 'web' is probably stale"))
        #expect(podman.contains("since 2026-01-02T03:04:05Z"))
        #expect(podman.contains("'devcluster deploy --no-cache web'"))
        let machine = stale.warning(Engine(.podman, runner: ScriptedRunner()), isRemote: true)
        #expect(
            machine.contains(
                #"podman machine ssh "rm -rf /var/tmp/buildah-cache-*" && devcluster deploy"#
                    + " --no-cache web"))
        let docker = stale.warning(Engine(.docker, runner: ScriptedRunner()), isRemote: false)
        #expect(
            docker.contains(
                "'docker builder prune --filter type=exec.cachemount && devcluster deploy"
                    + " --no-cache web'"))
    }

    @Test func `an older image that comes again from new sources is suspicious too`() {
        #expect(judge([record(inputs("a")), record(inputs("c"), imageID: "sha256:2")]) != nil)
    }

    @Test func `another image, or the first of all, is not`() {
        #expect(judge([]) == nil)
        #expect(judge([record(inputs("a"), imageID: "sha256:2")]) == nil)
        #expect(judge([record(inputs("a"), name: "api")]) == nil)
    }

    @Test func `sources that gave just this image before are not`() {
        #expect(judge([record(inputs("b")), record(inputs("a"))]) == nil)
    }

    @Test func `a build that was suspicious proves nothing later`() {
        #expect(judge([record(inputs("a")), record(inputs("b", isProbablyStale: true))]) != nil)
    }

    @Test func `without mounts, with every layer built anew, or unknown sources, nothing is said`()
    {
        let before = [record(inputs("a"))]
        #expect(judge(before, now: inputs("b", hasMounts: false)) == nil)
        #expect(judge(before, now: inputs("b", usedCache: false)) == nil)
        #expect(judge(before, now: inputs(nil)) == nil)
        #expect(judge([record(inputs(nil)), record(nil)]) == nil)
    }

    @Test func `another target or other arguments are another image`() {
        #expect(judge([record(inputs("a", variant: "other"))]) == nil)
    }
}
