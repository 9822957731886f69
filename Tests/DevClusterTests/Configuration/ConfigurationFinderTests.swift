import TestSupport
import Testing

@testable import DevCluster

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct `Finding the configuration` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.file("repo/a/b"), withIntermediateDirectories: true)
    }

    private func find(from path: String, home: String? = nil) throws -> String? {
        try ConfigurationFinder(home: home).find(from: folder.file(path))
    }

    @Test func `takes the nearest file above the working directory`() throws {
        try folder.write("", to: "repo/devcluster.yaml")
        #expect(try find(from: "repo/a/b") == folder.file("repo/devcluster.yaml"))
        try folder.write("", to: "repo/a/devcluster.json")
        #expect(try find(from: "repo/a/b") == folder.file("repo/a/devcluster.json"))
        #expect(try find(from: "repo") == folder.file("repo/devcluster.yaml"))
    }

    @Test func `ends at the folder that holds a git repository`() throws {
        try folder.write("", to: "devcluster.yaml")
        try folder.write("", to: "repo/.git/HEAD")
        #expect(try find(from: "repo/a/b") == nil)
        try folder.write("", to: "repo/devcluster.yml")
        #expect(try find(from: "repo/a/b") == folder.file("repo/devcluster.yml"))
    }

    @Test func `ends at a worktree, where .git is a file`() throws {
        try folder.write("", to: "devcluster.yaml")
        try folder.write("gitdir: /elsewhere", to: "repo/.git")
        #expect(try find(from: "repo/a") == nil)
    }

    @Test func `ends at the home folder`() throws {
        try folder.write("", to: "devcluster.yaml")
        #expect(try find(from: "repo/a", home: folder.file("repo/")) == nil)
        try folder.write("", to: "repo/devcluster.yaml")
        #expect(try find(from: "repo/a", home: folder.file("repo")) != nil)
    }

    @Test func `does not climb into a folder that users share, like /tmp`() throws {
        try folder.write("", to: "repo/devcluster.yaml")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: folder.file("repo"))
        #expect(try find(from: "repo/a") != nil)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o1777], ofItemAtPath: folder.file("repo"))
        #expect(try find(from: "repo/a") == nil)
        #expect(try find(from: "repo") == folder.file("repo/devcluster.yaml"))
    }

    @Test func `names both files when a folder holds two`() throws {
        try folder.write("", to: "repo/devcluster.yaml")
        try folder.write("", to: "repo/devcluster.json")
        let error = #expect(throws: DevClusterError.self) { try find(from: "repo/a") }
        let place = folder.file("repo/devcluster")
        #expect(error?.message == "two configuration files: \(place).yaml and \(place).json")
        #expect(error?.hint == "remove one, or name one with --config")
    }
}
