import ChildProcess
import SystemLibraries
import TestSupport
import Testing

@Suite struct StartFailureTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func failure(_ invocation: Invocation) async -> InvocationError.Reason? {
        await reason { _ = try await SystemRunner().run(invocation) }
    }

    @Test func `a name that is nowhere in PATH is not found`() async {
        #expect(await failure(Invocation("no-such-tool-here", [])) == .notFound)
        #expect(await failure(Invocation("", [])) == .notFound)
    }

    @Test func `a path without a file is not found`() async {
        #expect(await failure(Invocation(folder.file("missing"), [])) == .notFound)
        #expect(await failure(Invocation("/etc/passwd/tool", [])) == .notFound)
    }

    @Test func `a file that is not executable cannot be started`() async throws {
        let file = try folder.write("#!/bin/sh\n", to: "tool")
        #expect(await failure(Invocation(file, [])) == .notStarted(EACCES))
    }

    @Test func `a directory cannot be started`() async {
        #expect(await failure(Invocation(folder.path, [])) == .notStarted(EACCES))
    }

    @Test func `a script with an interpreter that does not exist cannot be started`() async throws {
        let file = try folder.write("#!/no/such/interpreter\n", to: "tool", mode: 0o700)
        let error = await #expect(throws: InvocationError.self) {
            try await SystemRunner().run(Invocation(file, []))
        }
        #expect(error?.reason == .notStarted(ENOENT))
        #expect(error?.description.contains("interpreter") == true)
    }

    @Test func `a file of no known format cannot be started`() async throws {
        let file = try folder.write("hello\n", to: "tool", mode: 0o700)
        #expect(await failure(Invocation(file, [])) == .notStarted(ENOEXEC))
    }

    @Test func `a missing working directory is told apart from a missing tool`() async {
        let missing = folder.file("missing")
        #expect(
            await failure(Invocation("true", [], directory: missing))
                == .unusablePath(missing, ENOENT))
        #expect(
            await failure(Invocation("no-such-tool-here", [], directory: folder.path))
                == .notFound)
        #expect(
            await failure(Invocation("true", [], directory: "/etc/passwd"))
                == .unusablePath("/etc/passwd", ENOTDIR))
    }

    @Test func `text with a null character is refused instead of cut short`() async {
        #expect(await failure(Invocation("echo", ["a\0b"])) == .notStarted(EINVAL))
        #expect(
            await failure(Invocation("echo", [], environment: ["A": "\0"])) == .notStarted(EINVAL))
        #expect(
            await failure(Invocation("echo", [], environment: ["A=B": "c"])) == .notStarted(EINVAL)
        )
    }

    #if os(Linux)
        @Test func `an argument above the kernel's limit of 128 KiB is refused`() async {
            let huge = String(repeating: "x", count: 128 << 10)
            #expect(await failure(Invocation("true", [huge])) == .notStarted(E2BIG))
        }
    #endif

    @Test func `a tool is looked up in the PATH the child gets`() async throws {
        try folder.write("#!/bin/sh\necho mine\n", to: "bin/only-here", mode: 0o700)
        let tool = Invocation("only-here", [], environment: ["PATH": folder.file("bin")])
        #expect(try await SystemRunner().run(tool).text == "mine\n")
        #expect(await failure(Invocation("only-here", [])) == .notFound)
        let hidden = Invocation("ls", [], environment: ["PATH": folder.file("bin")])
        #expect(await failure(hidden) == .notFound)
    }

    @Test func `the search goes on past a file that is not executable`() throws {
        try folder.write("", to: "a/tool")
        let second = try folder.write("", to: "b/tool", mode: 0o700)
        let path = "\(folder.file("a")):\(folder.file("b"))"
        #expect(findExecutable("tool", path: path) == second)
        #expect(findExecutable("tool", path: folder.file("a")) == nil)
        #expect(findExecutable("a", path: folder.path) == nil)
    }

    @Test func `an executable is found as a shell finds it`() throws {
        let file = try folder.write("", to: "tool", mode: 0o700)
        #expect(findExecutable("sh")?.hasSuffix("/sh") == true)
        #expect(findExecutable(file, path: "") == file)
        #expect(findExecutable("no-such-tool-here") == nil)
    }

    @Test func `a relative entry of PATH is relative to the child's directory`() async throws {
        try folder.write("#!/bin/sh\necho relative\n", to: "bin/tool", mode: 0o700)
        let run = Invocation(
            "tool", [], environment: ["PATH": "bin"], directory: folder.path)
        #expect(try await SystemRunner().run(run).text == "relative\n")
    }
}
