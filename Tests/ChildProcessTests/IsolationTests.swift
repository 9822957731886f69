#if os(Linux)
    import ChildProcess
    import Glibc
    import TestSupport
    import Testing

    /// What a child gets to see of us and of its siblings.
    @Suite struct IsolationTests {
        @Test func `fifty parallel children each see three descriptors, all their own`()
            async throws
        {
            // Without close-on-exec, so it would go to every child that is not protected.
            let inheritable = open("/dev/null", O_RDONLY)
            #expect(fcntl(inheritable, F_GETFD) & FD_CLOEXEC == 0)
            defer { close(inheritable) }
            let listings = try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask { try await descriptorsOfChild() }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(listings.count == 50)
            #expect(Set(listings.map { $0.keys.sorted() }) == [["0", "1", "2"]])
            #expect(Set(listings.map { $0["0"] }) == ["/dev/null"])
            let pipes = listings.flatMap { [$0["1"], $0["2"]] }.compactMap(\.self)
            #expect(pipes.allSatisfy { $0.hasPrefix("pipe:") })
            #expect(Set(pipes).count == 100)
        }
    }

    /// The descriptors of a shell, by number, and what they lead to.
    private func descriptorsOfChild() async throws -> [Substring: Substring] {
        // Ends with something else, or the shell would replace itself by `ls`.
        let listing = try await SystemRunner().run(shell("ls -l /proc/$$/fd; sleep 0.1")).text
        let rows = listing.split(separator: "\n").map { $0.split(separator: " ") }
        return Dictionary(
            uniqueKeysWithValues: rows.filter { $0.count > 3 && $0[$0.count - 2] == "->" }.map {
                ($0[$0.count - 3], $0[$0.count - 1])
            })
    }
#endif
