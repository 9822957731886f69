import Foundation
import TestSupport
import Testing

@testable import GettingStarted
@testable import Images
@testable import Vocabulary

struct ProjectFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `Containerfiles are found by every name that is usual`() throws {
        let names = [
            "Containerfile", "Dockerfile", "Dockerfile.worker", "api/Dockerfile",
            "build/package/Dockerfile", "dev.dockerfile", "tool.Containerfile",
        ]
        let others = [
            "Dockerfile.dockerignore", "node_modules/x/Dockerfile", ".hidden/Dockerfile",
            "target/Dockerfile", "Dockerfile.md.txt", "myDockerfile", "made/Dockerfile",
        ]
        for name in names + others { try folder.write("", to: name) }
        try folder.write("*.o\n/made/\n", to: ".gitignore")
        let files = ProjectFiles(folder: folder.path)
        #expect(files.paths.filter(ContainerfileSearch.isContainerfile) == names.sorted())
        #expect(!files.isCut)
    }

    @Test func `a link is not followed, so a loop does no harm`() throws {
        try folder.write("a", to: "a/x.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("a/loop"), withDestinationPath: folder.path)
        #expect(ProjectFiles(folder: folder.path).paths == ["a/x.yaml"])
    }

    @Test(arguments: [
        ("a/b", "../c", "a/c"), ("", "./x//y/", "x/y"), ("a", "..", ""), ("", "../x", nil),
        ("a", "/etc", nil),
    ]) func `a path belongs to the project or to nobody`(
        folder: String, path: String, expected: String?
    ) {
        #expect(ProjectPath.joined(folder, path) == expected)
    }
}
