#if os(Linux)
    import SystemLibraries
    import TestSupport
    import Testing

    @testable import ChildProcess

    @Suite struct SpawnDetachedTests {
        let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
        }

        @Test func `it has a session of its own, no input and only its log open`() async throws {
            let log = try folder.write("before\n", to: "log")
            let inheritable = open("/dev/null", O_RDONLY)
            defer { close(inheritable) }
            let process = try spawnDetached(
                "sh",
                [
                    "-c",
                    "cut -d' ' -f1,5,6 /proc/$$/stat; cat; echo err >&2; echo $A; exec sleep 600",
                ],
                environment: ["A": "added"], output: log)
            let pid = process.pid
            #expect(await eventually { process.commandLine == ["sleep", "600"] })
            #expect(try folder.text("log") == "before\n\(pid) \(pid) \(pid)\nerr\nadded\n")
            // While it starts, its loader has a library open.
            let onlyThese = try await eventually {
                let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
                return Set(open) == ["0", "1", "2"]
            }
            #expect(onlyThese)
            #expect(process.parent == .current)
            #expect(await process.end())
            // Nobody asked for its exit code, and still it is no zombie.
            #expect(await eventually { ProcessTable.entry(pid) == nil })
        }

        @Test func `a log is made for the owner alone`() async throws {
            let process = try spawnDetached("echo", ["hi"], output: folder.file("log"))
            #expect(await eventually { !process.isAlive })
            #expect(try folder.text("log") == "hi\n")
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("log"))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }

        @Test func `one that has exited at once is known and gone`() async throws {
            for _ in 0..<20 {
                let process = try spawnDetached("true", [])
                #expect(process.startTicks > 0)
                #expect(await eventually { ProcessTable.entry(process.pid) == nil })
                #expect(!process.isAlive)
            }
        }

        @Test func `what cannot be started or written to is an error`() async {
            let missing = await reason { _ = try spawnDetached("no-such-tool-here", []) }
            #expect(missing == .notFound)
            let log = await reason { _ = try spawnDetached("true", [], output: "/no/such/log") }
            #expect(log == .unusablePath("/no/such/log", ENOENT))
        }

        @Test func `it survives us and does not hold our output open`() async throws {
            let path = folder.path
            // An exit test ends only when its process has; nobody may wait for the detached one.
            await #expect(processExitsWith: .success) { [path = path as String] in
                let process = try spawnDetached("sleep", ["600"])
                try JSONEncoder().encode(process).write(to: URL(filePath: path + "/identity"))
            }
            let process = try JSONDecoder().decode(
                ProcessIdentity.self, from: try folder.read("identity"))
            #expect(process.isAlive)
            #expect(process.parent != .current)
            #expect(process.commandLine == ["sleep", "600"])
            #expect(await process.end())
            #expect(!process.isAlive)
        }
    }
#endif
