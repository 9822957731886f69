import TestSupport
import Testing

@testable import StateFiles
@testable import Vocabulary

struct StateFolderTests {
    @Test(arguments: [
        (["DEVCLUSTER_STATE": "/a", "XDG_STATE_HOME": "/b", "HOME": "/c"], "/a"),
        (["XDG_STATE_HOME": "/b", "HOME": "/c"], "/b/devcluster"),
        (["HOME": "/c"], "/c/.local/state/devcluster"),
        (["DEVCLUSTER_STATE": "", "HOME": "/c"], "/c/.local/state/devcluster"),
        // The XDG specification: relative paths are ignored.
        (["XDG_STATE_HOME": "b", "HOME": "/c"], "/c/.local/state/devcluster"),
    ]) func `the environment says where state is kept`(
        environment: [String: String], path: String
    ) throws {
        #expect(try StateFolder(environment: environment).path == path)
    }

    @Test func `a relative folder is refused, not created somewhere`() {
        let error = #expect(throws: DevClusterError.self) {
            try StateFolder(environment: ["DEVCLUSTER_STATE": "state", "HOME": "/c"])
        }
        #expect(error?.message.contains("'state'") == true)
        #expect(error?.code == .usage)
    }

    @Test(arguments: [[:], ["HOME": ""], ["HOME": "c"]])
    func `without a home there is an error that says what to set`(environment: [String: String]) {
        let error = #expect(throws: DevClusterError.self) {
            try StateFolder(environment: environment)
        }
        #expect(error?.hint?.contains("DEVCLUSTER_STATE") == true)
    }

    @Test func `each engine's clusters have folders of their own`() {
        let state = StateFolder(path: "/s")
        #expect(state.cluster(.podman, "a-b") == "/s/clusters/podman-a-b")
        #expect(state.cluster(.docker, "a-b") == "/s/clusters/docker-a-b")
        #expect(state.registry(.podman, "r") == "/s/registries/podman-r")
        #expect(StateFolder.clusterName(ofPlace: state.cluster(.podman, "a-b")) == "a-b")
    }

    @Test(arguments: [
        ("kind-a", "kind-a"), ("admin@10.0.0.1:6443", "admin%4010%2E0%2E0%2E1%3A6443"),
        ("../../etc", "%2E%2E%2F%2E%2E%2Fetc"), ("ä", "%C3%A4"),
    ]) func `a context's name cannot leave its folder`(name: String, folder: String) {
        #expect(StateFolder(path: "/s").context(name) == "/s/contexts/\(folder)")
    }

    @Test func `all places are clusters and contexts, sorted`() throws {
        let folder = try TemporaryFolder()
        for name in ["clusters/podman-b/x", "clusters/podman-a/x", "contexts/c/x", "cache/d/x"] {
            try folder.write("", to: name)
        }
        #expect(
            try StateFolder(path: folder.path).allPlaces() == [
                folder.file("clusters/podman-a"), folder.file("clusters/podman-b"),
                folder.file("contexts/c"),
            ])
    }

    @Test func `a state folder that is not there has no places`() throws {
        #expect(try StateFolder(path: "/nowhere/at/all").allPlaces().isEmpty)
    }
}
