#if os(Linux)
    import SystemLibraries
    import TestSupport
    import Testing

    @testable import ChildProcess

    /// What is left over after many runs.
    ///
    /// Each test runs in a process of its own (an exit test), where no other test opens files or
    /// starts children: the numbers must agree exactly.
    @Suite struct LeakTests {
        @Test func `fifty children in parallel leave no descriptor, thread or zombie`() async {
            await #expect(processExitsWith: .success) {
                try await expectNothingLeft {
                    try await inParallel(50) { number in
                        let outcome = try await SystemRunner().run(
                            shell("sleep 0.1; cat; exit $1", "\(number)", input: .bytes(Data([65])))
                        )
                        #expect(outcome.exit == .code(Int32(number)))
                        #expect(outcome.text == "A")
                    }
                }
            }
        }

        @Test func `runs that fail in every way leave nothing either`() async {
            await #expect(processExitsWith: .success) {
                try await expectNothingLeft {
                    for run in [
                        Invocation("no-such-tool-here", []),
                        Invocation("/", []),
                        Invocation("true", [], directory: "/no/such"),
                        Invocation("sleep", ["600"], deadline: .milliseconds(20)),
                        Invocation("yes", [], outputLimit: 100_000),
                        Invocation(
                            "sleep", ["600"], input: .bytes(Data(count: 1 << 20)),
                            deadline: .milliseconds(20)),
                    ] {
                        await #expect(throws: InvocationError.self) {
                            try await SystemRunner().run(run)
                        }
                    }
                }
            }
        }

        @Test func `cancelling at any moment gives an outcome or an error and leaves nothing`()
            async
        {
            await #expect(processExitsWith: .success) {
                try await expectNothingLeft {
                    try await inParallel(120) { number in
                        let run = BackgroundRun(shell("echo out"))
                        // From before the start to after the end.
                        try await Task.sleep(for: .microseconds(number * 150))
                        run.task.cancel()
                        switch await run.task.result {
                        case .success(let outcome):
                            #expect(outcome.text == "out\n")
                        case .failure(let error):
                            #expect((error as? InvocationError)?.reason == .cancelled)
                        }
                    }
                }
            }
        }

        @Test func `pipes never take the place of standard streams we do not have`() async {
            await #expect(processExitsWith: .success) {
                let out = dup(1)
                for number: Int32 in 0...2 { close(number) }
                let (reader, writer) = try makePipe()
                let outcome = try await SystemRunner().run(
                    shell("cat; echo err >&2", input: .bytes(Data("in".utf8))))
                dup2(out, 1)
                try #require(reader.number > 2 && writer.number > 2)
                try #require(outcome.text == "in" && outcome.errorText == "err\n")
            }
        }

        @Test func `a child that prints for ever costs no more memory than the limit`() async {
            await #expect(processExitsWith: .success) {
                try await expectNothingLeft {
                    let before = try peakMemory()
                    await #expect(throws: InvocationError.self) {
                        try await SystemRunner().run(
                            shell("trap '' TERM; head -c 200000000 /dev/zero", outputLimit: 1 << 20)
                        )
                    }
                    #expect(try peakMemory() - before < 16 << 10)
                }
            }
        }

        @Test func `exit codes are known although SIGCHLD was ignored by whoever started us`()
            async
        {
            await #expect(processExitsWith: .success) {
                signal(SIGCHLD, SIG_IGN)
                let outcome = try await SystemRunner().run(shell("exit 3"))
                try #require(outcome.exit == .code(3))
            }
        }
    }

    /// Runs the body twice, the first time to warm up, and compares what there is after each.
    ///
    /// The runtime opens descriptors of its own when it first needs them, which under load can be
    /// late; what leaks grows with every run. So a run that left more is repeated.
    private func expectNothingLeft(_ body: () async throws -> Void) async throws {
        try await body()
        var before = try openDescriptors()
        for attempt in 1...3 {
            try await body()
            // A thread outlives by a moment the result it hands over.
            if try await eventually({ try openDescriptors() == before }) { break }
            let after = try openDescriptors()
            try #require(attempt < 3, "before \(before), after \(after)")
            before = after
        }
        let children = ProcessTable.read().entries.filter { $0.parent == getpid() }
        try #require(children.isEmpty, "left behind: \(children)")
        let threadsEnded = try await eventually { try threadCount() < 40 }
        try #require(threadsEnded)
    }

    private func inParallel(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<count {
                group.addTask { try await body(number) }
            }
            try await group.waitForAll()
        }
    }

    /// The numbers of all open descriptors and what they lead to.
    private func openDescriptors() throws -> [String] {
        let folder = "/proc/self/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().compactMap {
            // The one the listing itself used is gone by now.
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(folder)/\($0)")
            return target == nil ? nil : "\($0) \(target ?? "")"
        }
    }

    private func threadCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }

    /// The largest resident size so far, in KiB.
    private func peakMemory() throws -> Int {
        let status = String(
            decoding: readFile("/proc/self/status", limit: 8192) ?? [], as: UTF8.self)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.split(whereSeparator: { " \t".contains($0) })[1]))
    }
#endif
