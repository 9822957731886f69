import Foundation
import Testing

@testable import Images
@testable import Registries
@testable import Tools
@testable import Vocabulary

/// What a registry holds, made for one decision; manifests are called by single letters.
private struct Sample {
    var contents = RegistryContents()
    var disk = RegistryDisk()
    var uses = ImageUses()
    var own = OwnTags()

    /// The digest of a manifest by its letter, or of a blob: `config a`, `layer a`.
    static func digest(_ name: String) throws -> Digest {
        try Digest("sha256:" + SHA256.hex(Data(name.utf8)))
    }

    static func tag(_ hour: Int) -> String {
        UniqueTag.text(
            git: nil, at: Date(timeIntervalSince1970: 1_800_000_000 + 3600 * Double(hour)))
    }

    /// Adds an image of 1000 bytes of its own and a configuration of its own.
    mutating func image(
        _ letter: String, _ tags: String..., repository: String = "web", isOld: Bool = true
    ) throws {
        let config = try Sample.digest("config \(letter)")
        let layer = try Sample.digest("layer \(letter)")
        let json = """
            {"config": {"digest": "\(config)", "size": 10},
             "layers": [{"digest": "\(layer)", "size": 1000}]}
            """
        try add(letter, json, tags, repository, isOld: isOld)
        disk.blobs[config] = 10
        disk.blobs[layer] = 1000
    }

    mutating func index(_ letter: String, of children: String, _ tags: String...) throws {
        let entries = try children.map { #"{"digest": "\#(try Sample.digest(String($0)))"}"# }
        try add(
            letter, #"{"manifests": [\#(entries.joined(separator: ","))]}"#, tags, "web",
            isOld: true)
    }

    mutating func add(
        _ letter: String, _ json: String, _ tags: [String], _ repository: String, isOld: Bool
    ) throws {
        let digest = try Sample.digest(letter)
        contents.documents[digest] = try JSONDecoder().decode(
            ManifestDocument.self, from: Data(json.utf8))
        disk.manifests[repository, default: []].insert(digest)
        if isOld { disk.oldManifests[repository, default: []].insert(digest) }
        disk.blobs[digest] = 1
        guard !tags.isEmpty else { return }
        if !contents.repositories.contains(where: { $0.name == repository }) {
            contents.repositories.append(.init(name: repository, tags: [:]))
        }
        for index in contents.repositories.indices
        where contents.repositories[index].name == repository {
            for tag in tags { contents.repositories[index].tags[tag] = digest }
        }
    }

    mutating func use(_ image: String) throws {
        uses.add(.object(["image": .string(image)]))
    }

    func plan(retention: Int = 1) -> PrunePlan {
        PrunePlan(contents, disk: disk, uses: uses, retention: retention, own: own)
    }
}

struct PrunePlanTests {
    private func name(_ letter: String) throws -> ManifestName {
        ManifestName("web", try Sample.digest(letter))
    }

    @Test func `the newest tags of ours stay, older ones go with their manifests`() throws {
        var sample = Sample()
        try sample.image("a", Sample.tag(1))
        try sample.image("b", Sample.tag(3))
        try sample.image("c", Sample.tag(2))
        let plan = sample.plan(retention: 2)
        #expect(plan.tags.map(\.tag) == [Sample.tag(1)])
        #expect(plan.manifests == [try name("a")])
        #expect(plan.bytes == 1011)
        #expect(plan.keptTags == 2)
        #expect(sample.plan(retention: 3).isEmpty)
    }

    @Test func `tags that people chose always stay`() throws {
        var sample = Sample()
        try sample.image("a", "latest", "v1")
        try sample.image("b", "dev-anna")
        try sample.image("c", Sample.tag(1))
        #expect(sample.plan().isEmpty)
    }

    @Test func `a tag that names a commit or inputs is ours when a build was recorded under it`()
        throws
    {
        var sample = Sample()
        try sample.image("a", "git-0f3c9a1b2c3d")
        try sample.image("b", "in-0123456789abcdef")
        try sample.image("c", "git-aaaaaaaaaaaa")
        let times = [("git-0f3c9a1b2c3d", 1), ("in-0123456789abcdef", 2)]
        sample.own = OwnTags(
            times.map { tag, hour in
                BuildRecord(
                    time: Date(timeIntervalSince1970: 3600 * Double(hour)),
                    image: BuiltImage(
                        name: "web", reference: "localhost:5001/web:\(tag)", tag: tag, imageID: "",
                        digest: nil, buildSeconds: 0, pushSeconds: 0, isUnchanged: false),
                    commit: nil, isDirty: false)
            })
        #expect(sample.plan().tags.map(\.tag) == ["git-0f3c9a1b2c3d"])
    }

    @Test func `each repository keeps its own newest`() throws {
        var sample = Sample()
        try sample.image("a", Sample.tag(1), repository: "web")
        try sample.image("b", Sample.tag(2), repository: "api")
        #expect(sample.plan().isEmpty)
    }

    @Test func `what is named or run anywhere stays, whatever the registry's name`() throws {
        var sample = Sample()
        try sample.image("a", Sample.tag(1))
        try sample.image("b", Sample.tag(2))
        try sample.image("c", Sample.tag(3))
        try sample.image("d", Sample.tag(4))
        try sample.image("e", Sample.tag(9))
        try sample.use("kind-registry:5000/web:\(Sample.tag(1))")
        try sample.use("elsewhere/other@\(Sample.digest("b"))")
        // The configuration of c, as a runtime reports an image without digests.
        try sample.use("\(Sample.digest("config c"))")
        let plan = sample.plan()
        #expect(plan.tags.map(\.tag) == [Sample.tag(4)])
        #expect(plan.manifests == [try name("d")])
    }

    @Test func `a manifest that a kept tag names too is never deleted`() throws {
        var sample = Sample()
        try sample.image("a", Sample.tag(1), Sample.tag(2), "latest")
        let plan = sample.plan()
        #expect(plan.tags.map(\.tag) == [Sample.tag(1)])
        #expect(plan.tags.allSatisfy { $0.isShared })
        #expect(plan.manifests.isEmpty)
        #expect(plan.bytes == 0)
    }

    @Test func `of the tags of an image that runs under another name one stays`() throws {
        var sample = Sample()
        try sample.image("a", Sample.tag(1), Sample.tag(2), Sample.tag(3))
        try sample.image("b", Sample.tag(4))
        try sample.use("other@\(Sample.digest("a"))")
        let plan = sample.plan()
        #expect(plan.tags.map(\.tag) == [Sample.tag(2), Sample.tag(1)])
        #expect(plan.tags.allSatisfy { $0.isShared })
        #expect(plan.manifests.isEmpty)
    }

    @Test func `an index goes with its children, but for those that something else needs`() throws {
        var sample = Sample()
        try sample.image("a")
        try sample.image("b")
        try sample.image("c")
        try sample.index("x", of: "ab", Sample.tag(1))
        try sample.index("y", of: "bc", Sample.tag(2))
        let plan = sample.plan()
        #expect(plan.manifests == [try name("x"), try name("a")])
        #expect(plan.untagged == 0)
    }

    @Test func `the children of an index that is kept stay, though no tag names them`() throws {
        var sample = Sample()
        try sample.image("a")
        try sample.image("b")
        try sample.index("x", of: "ab", "v1")
        #expect(sample.plan().isEmpty)
    }

    @Test func `a child that runs stays when its index goes`() throws {
        var sample = Sample()
        try sample.image("a")
        try sample.image("b")
        try sample.index("x", of: "ab", Sample.tag(1))
        try sample.image("c", Sample.tag(2))
        try sample.use("web@\(Sample.digest("a"))")
        // The index is what explains the running child, so that it stays whole.
        #expect(sample.plan().isEmpty)
    }

    @Test func `manifests whose tag was pushed again go after an hour, unless they run`() throws {
        var sample = Sample()
        try sample.image("a")
        try sample.image("b")
        try sample.image("c", isOld: false)
        try sample.image("d", "latest")
        try sample.use("web@\(Sample.digest("b"))")
        let plan = sample.plan()
        #expect(plan.tags.isEmpty)
        #expect(plan.manifests == [try name("a")])
        #expect(plan.untagged == 1)
    }

    @Test func `a signature stays as long as what it signs`() throws {
        var sample = Sample()
        try sample.image("a", "v1")
        let subject = try Sample.digest("a")
        try sample.add(
            "s", #"{"config": {"digest": "\#(subject)"}, "subject": {"digest": "\#(subject)"}}"#,
            [], "web", isOld: true)
        #expect(sample.plan().manifests.isEmpty)
    }

    @Test func `the proof image is never touched`() throws {
        var sample = Sample()
        try sample.image("a", "1", Sample.tag(1), Sample.tag(2), repository: "devcluster-proof")
        try sample.image("b", repository: "devcluster-proof")
        #expect(sample.plan().isEmpty)
        #expect(sample.plan().keptTags == 0)
    }

    @Test func `garbage of an earlier run is worth collecting`() throws {
        var sample = Sample()
        try sample.image("a", "v1")
        sample.disk.blobs[try Sample.digest("z")] = 5000
        #expect(!sample.plan().isEmpty)
        #expect(sample.plan().bytes == 5000)
        #expect(sample.plan().manifests.isEmpty)
    }

    @Test func `what came after the question is not removed`() throws {
        var sample = Sample()
        try sample.image("a", Sample.tag(1))
        try sample.image("b", Sample.tag(2))
        let asked = sample.plan()
        try sample.image("c", Sample.tag(3))
        let now = sample.plan().restricted(to: asked)
        #expect(now.tags.map(\.tag) == [Sample.tag(1)])
        #expect(now.manifests == [try name("a")])
    }
}
