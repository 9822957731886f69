import Foundation
import TestSupport
import Testing

@testable import Diagnosis
@testable import Settings
@testable import Vocabulary

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

    private func open(_ path: String, _ mode: Int) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: folder.file(path))
    }

    @Test(arguments: [0o777, 0o1777])
    func `a file in a folder that anybody may write to is refused from below`(mode: Int) throws {
        try folder.write("", to: "repo/devcluster.yaml")
        try open("repo", mode)
        let error = #expect(throws: DevClusterError.self) { try find(from: "repo/a/b") }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("was found by way of \(folder.file("repo"))") == true)
        #expect(
            error?.hint
                == "if you trust it, name it: --config \(folder.file("repo/devcluster.yaml"));"
                + " or put one of your own into \(folder.file("repo/a/b"))")
        #expect(try find(from: "repo") == folder.file("repo/devcluster.yaml"))
    }

    @Test(arguments: ["repo/a", "repo/a/b"])
    func `so is one that is found above such a folder`(start: String) throws {
        try folder.write("", to: "repo/devcluster.yaml")
        try open("repo/a", 0o1777)
        #expect(throws: DevClusterError.self) { try find(from: start) }
        #expect(try find(from: "repo") != nil)
        try folder.write("", to: "repo/a/b/devcluster.yaml")
        #expect(try find(from: "repo/a/b") != nil)
    }

    @Test func `a folder that anybody may write to is no error where nothing is found`() throws {
        try open("repo", 0o1777)
        #expect(try find(from: "repo/a", home: folder.path) == nil)
    }

    @Test func `a file of somebody else is refused, and git's own consent is named too`() throws {
        try folder.write("", to: "repo/devcluster.yaml")
        let finder = ConfigurationFinder(home: nil, trusted: [4_000_000_000])
        let error = #expect(throws: DevClusterError.self) {
            try finder.find(from: folder.file("repo/below"))
        }
        let file = folder.file("repo/devcluster.yaml")
        #expect(error?.code == .usage)
        #expect(error?.message.hasPrefix("the configuration \(file) has a dubious owner") == true)
        #expect(error?.hint == "if you trust it, name it: --config \(file)")
        try folder.write("", to: "repo/.git/HEAD")
        let git = #expect(throws: DevClusterError.self) {
            try finder.find(from: folder.file("repo/below"))
        }
        #expect(
            git?.hint?.hasSuffix(
                "; git asks too: git config --global --add safe.directory \(folder.file("repo"))")
                == true)
    }

    @Test func `a file of somebody else in the folder that one works in was chosen`() throws {
        try folder.write("", to: "repo/devcluster.yaml")
        let finder = ConfigurationFinder(home: nil, trusted: [4_000_000_000])
        #expect(
            try finder.find(from: folder.file("repo")) == folder.file("repo/devcluster.yaml"))
    }

    @Test(.enabled(if: geteuid() == 0))
    func `a link of somebody else to a file of ours is refused`()
        throws
    {
        try folder.write("", to: "mine.yaml")
        let link = folder.file("repo/devcluster.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: folder.file("mine.yaml"))
        #expect(try find(from: "repo") == link)
        #expect(lchown(link, 12345, 12345) == 0)
        #expect(throws: DevClusterError.self) { try find(from: "repo/below") }
    }

    @Test(.enabled(if: geteuid() == 0)) func `root trusts whoever it was by sudo`() throws {
        try folder.write("", to: "repo/devcluster.yaml")
        #expect(chown(folder.file("repo/devcluster.yaml"), 12345, 12345) == 0)
        let start = folder.file("repo/below")
        #expect(
            try ConfigurationFinder(environment: ["SUDO_UID": "12345"]).find(from: start) != nil)
        for sudo in ["", "1234", "x"] {
            #expect(throws: DevClusterError.self) {
                try ConfigurationFinder(environment: ["SUDO_UID": sudo]).find(from: start)
            }
        }
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
