/// Every way in which an image gets onto a node that the lab can show, each with the verdict that
/// follows from how it was made.
let imageForms: [ImageForm] = [
    ImageForm("oci", expected: "match") { try await $0.push("oci", "oci:1", format: .oci) },
    ImageForm("schema2", expected: "match") {
        try await $0.push("schema2", "schema2:1", format: .docker)
    },
    ImageForm("index", expected: "match") {
        try await $0.pushIndex([("index-a", "amd64"), ("index-b", "arm64")], "index:1")
    },
    ImageForm("attested", expected: "match") {
        try await $0.push("attested", "attested:1", format: .oci)
        try await $0.attest("attested")
    },
    ImageForm("child", expected: "matchPlatform") {
        try await $0.pushIndex([("child-a", "amd64"), ("child-b", "arm64")], "child:1")
    }.running { "child:1@\(try await $0.child("child:1"))" },
    ImageForm("by-digest", expected: "match") { try await $0.push("by-digest", "by-digest:1") }
        .running { "by-digest@\(try await $0.digest("by-digest:1"))" },
    ImageForm("tag-and-digest", expected: "match") {
        try await $0.push("tag-and-digest", "tag-and-digest:1")
    }.running { "tag-and-digest:1@\(try await $0.digest("tag-and-digest:1"))" },
    ImageForm("pinned", expected: "stale", cause: "pinnedDigest") {
        try await $0.push("pinned", "pinned:1")
    } after: {
        try await $0.push("pinned-2", "pinned:1")
    }.running { "pinned:1@\(try await $0.digest("pinned:1"))" },
    ImageForm("two-tags", "two-tags:z", expected: "match") {
        try await $0.push("two-tags", "two-tags:a")
        try await $0.push("two-tags", "two-tags:z")
    },
    ImageForm("two-tags-a", "two-tags:a", expected: "match") {
        try await $0.push("two-tags", "two-tags:a")
    },
    ImageForm("z-twin", expected: "match") {
        try await $0.push("twin", "a-twin:1")
        try await $0.push("twin", "z-twin:1")
    },
    ImageForm("a-twin", expected: "match") { try await $0.push("twin", "a-twin:1") },
    ImageForm("again", expected: "sameContent") {
        try await $0.push("again", "again:1")
    } after: {
        try await $0.pushAgain("again")
    },
    ImageForm("pruned", expected: "sameContent") {
        try await $0.push("pruned", "pruned:1")
    } after: {
        let old = try await $0.digest("pruned:1")
        try await $0.pushAgain("pruned")
        try await $0.delete("pruned", old)
    },
    ImageForm("pruned-other", expected: "stale", cause: "pushedLater") {
        try await $0.push("pruned-other", "pruned-other:1")
    } after: {
        let old = try await $0.digest("pruned-other:1")
        try await $0.push("pruned-other-2", "pruned-other:1")
        try await $0.delete("pruned-other", old)
    },
    // containerd 2.1 gives an import no name of its own, so the pod tells the configuration.
    ImageForm("loaded", expected: "sameContent", or: "matchConfig") {
        try await $0.push("loaded", "loaded:1")
        try await $0.load("loaded", "loaded:1", hasDigests: true)
    },
    ImageForm("loaded-other", expected: "stale", cause: "cachedImage") {
        try await $0.push("loaded-other", "loaded-other:1")
        try await $0.load("loaded-other-2", "loaded-other:1", hasDigests: true)
    },
    ImageForm("bare", expected: "matchConfig") {
        try await $0.push("bare", "bare:1")
        try await $0.load("bare", "bare:1", hasDigests: false)
    },
    ImageForm("bare-other", expected: "stale", cause: "cachedImage") {
        try await $0.push("bare-other", "bare-other:1")
        try await $0.load("bare-other-2", "bare-other:1", hasDigests: false)
    },
    ImageForm("only-loaded", expected: "unknown") {
        try await $0.load("only-loaded", "only-loaded:1", hasDigests: true)
    },
    ImageForm("removed", expected: "match") {
        try await $0.push("removed", "removed:1")
    } after: {
        try await $0.world.inside(
            "\($0.world.cluster)-worker", "crictl", "rmi", "\($0.host)/removed:1")
    },
    ImageForm("reused", expected: "stale", cause: "cachedImage") {
        try await $0.push("reused-1", "reused:1")
        // Another pod has it pulled; then the tag is pushed again, before our pod starts.
        try await $0.world.inside(
            "\($0.world.cluster)-worker", "crictl", "pull", "\($0.host)/reused:1")
        try await $0.push("reused-2", "reused:1")
    },
    ImageForm("always", expected: "stale", cause: "pushedLater", policy: "Always") {
        try await $0.push("always", "always:1")
    } after: {
        try await $0.push("always-2", "always:1")
    },
    ImageForm("no-platform", expected: "unknown") {
        try await $0.push("no-platform", "no-platform:1")
    } after: {
        try await $0.pushIndex([("no-platform-2", "arm64")], "no-platform:1")
    },
    ImageForm("missing", expected: "unknown") { _ in },
    ImageForm(
        "long", "\(longRepository):\(String(repeating: "t", count: 128))", expected: "match"
    ) {
        try await $0.push("long", "\(longRepository):\(String(repeating: "t", count: 128))")
    },
]

/// A repository of 231 characters: with its host it stays below the 255 that are allowed.
private let longRepository = (0..<3).map { "\($0)" + String(repeating: "a", count: 76) }
    .joined(separator: "/")
