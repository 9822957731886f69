import Testing

@testable import CommandLineTool
@testable import Registries
@testable import Vocabulary

@Suite struct `What the cache commands print` {
    private static let nodes = ["shop-control-plane", "shop-worker"]

    private func use(_ pod: String) -> NodeImage.Use {
        NodeImage.Use(namespace: "shop", pod: pod, container: "main", isRunning: true)
    }

    private func image(
        _ pair: String, _ references: [CacheListReport.Reference], uses: [NodeImage.Use] = [],
        pinned: Bool = false
    ) throws -> CacheListReport.Image {
        CacheListReport.Image(
            id: try digest(pair), size: 1_090_040, isPinned: pinned, references: references,
            digests: ["localhost:5001/web@\(try digest("ff"))"],
            holders: [CacheListReport.Holder(node: Self.nodes[1], uses: uses)])
    }

    @Test func `the list has a line for every name`() throws {
        var report = CacheListReport(
            images: [
                try image(
                    "aa",
                    [
                        .init(name: "localhost:5001/web:1", nodes: Self.nodes, freshness: .stale),
                        .init(
                            name: "localhost:5001/web:2", nodes: [Self.nodes[1]],
                            freshness: .current),
                    ], uses: ["a", "b", "c", "a"].map(use)),
                try image(
                    "bb",
                    [.init(name: "registry.k8s.io/pause:3.10", nodes: Self.nodes, freshness: nil)],
                    pinned: true),
            ], nodes: Self.nodes, problems: [], registryProblem: nil)
        #expect(
            report.text(plain) == """
                IMAGE                       ID            SIZE    NODES        REGISTRY  USED BY
                localhost:5001/web:1        aaaaaaaaaaaa  1.1 MB  all          stale     shop/a, shop/b and 1 more
                localhost:5001/web:2        aaaaaaaaaaaa  1.1 MB  shop-worker  current   shop/a, shop/b and 1 more
                registry.k8s.io/pause:3.10  bbbbbbbbbbbb  1.1 MB  all          -         pinned
                """)
        #expect(report.exitCode == 0)
        report.problems = [NodeProblem(node: "shop-worker2", reason: "it is exited")]
        #expect(report.exitCode == 3)
        #expect(report.text(plain).hasSuffix("\n? shop-worker2 could not be read: it is exited"))
    }

    @Test func `an image without a tag is shown by its digest`() throws {
        let report = CacheListReport(
            images: [try image("aa", [])], nodes: ["shop-worker"], problems: [])
        #expect(report.text(plain).contains("\nlocalhost:5001/web@sha256:ffff"))
    }

    private func removed(_ reference: String, _ node: String, _ bytes: BoundedInteger = 0)
        -> RemovedReference
    {
        RemovedReference(
            node: node, reference: reference, outcome: .removed, freedBytes: bytes)
    }

    @Test func `clear tells what went, from where, and what stays and why`() {
        let report = CacheClearReport(
            references: [
                removed("localhost:5001/web:1", Self.nodes[0], 1_000_000),
                removed("localhost:5001/web:1", Self.nodes[1], 1_500_000),
                RemovedReference(
                    node: Self.nodes[1], reference: "x:1", outcome: .absent, freedBytes: 0),
            ],
            kept: [
                GuardedImage(
                    node: Self.nodes[1],
                    references: ["localhost:5001/api:1", "localhost:5001/api:2"],
                    uses: [use("api")], unpullable: nil),
                GuardedImage(
                    node: Self.nodes[0], references: ["loaded:1"], uses: [],
                    unpullable: "no registry confirms loaded:1"),
                GuardedImage(
                    node: Self.nodes[1], references: ["loaded:1"], uses: [],
                    unpullable: "no registry confirms loaded:1"),
            ],
            unmatched: ["old:*"], bereft: [use("web")], problems: [], registryProblem: nil,
            freedBytes: 2_500_000)
        #expect(
            report.text(plain) == """
                removed localhost:5001/web:1 from shop-control-plane, shop-worker
                freed up to 2.5 MB: layers that other images have stay
                running containers go on until they are replaced: shop/web
                no node has old:*

                KEPT                       NODES                           WHY
                localhost:5001/api:1 (+1)  shop-worker                     used by shop/api
                loaded:1                   shop-control-plane,shop-worker  no registry confirms loaded:1

                --in-use takes what is used
                --include-unpullable takes what a node could not pull again
                """)
        #expect(report.exitCode == 0)
    }

    @Test func `a node that fails, or a silent registry, is no success`() {
        var report = CacheClearReport(
            references: [], kept: [], unmatched: [], bereft: [],
            problems: [NodeProblem(node: "shop-worker", reason: "ctr: boom")],
            registryProblem: nil, freedBytes: 0)
        #expect(report.exitCode == 3)
        #expect(
            report.text(plain)
                == "nothing was removed\n? shop-worker could not be cleared: ctr: boom")
        report.problems = []
        report.registryProblem = "Connection refused"
        #expect(report.exitCode == 3)
        #expect(
            report.text(plain).hasSuffix(
                "? the registry did not say what it serves: Connection refused"))
    }
}
