#if os(Linux)
    import ChildProcess
    import Foundation
    import TestSupport
    import Testing

    /// The built executable with a tool that no signal ends: its processes are in a cgroup that the
    /// kernel has frozen.
    @Suite(.enabled(if: FrozenGroup.isPossible, "no cgroup (v1) can be frozen here"))
    struct `A child that no signal ends` {
        @Test func `is named at its deadline and left, and the command ends`() async throws {
            let group = try FrozenGroup()
            defer { group.end() }
            let tool = try BuiltTool()
            for name in ["podman", "kind", "git", "curl"] { try tool.install(name, "exit 1\n") }
            try tool.install(
                "kubectl",
                """
                echo $$ > '\(group.path)/tasks'
                echo FROZEN > '\(group.path)/freezer.state'
                exec /bin/sleep 1000

                """)
            try tool.folder.write(
                """
                {"version": 1, "content": {"phase": "ready", "nodes": {}, "registry": "r",
                 "createdAt": "2026-01-02T03:04:05Z"}}
                """, to: "state/clusters/podman-hostile/cluster.json")
            try tool.write(
                """
                {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                 "metadata": {"name": "hostile"},
                 "spec": {"engine": "podman", "images": [{"name": "web"}],
                  "timeouts": {"child": "1s"}}}
                """, to: "devcluster.json")
            let outcome = try await tool.run("verify-image", "--config", "devcluster.json")
            #expect(outcome.exit == .code(75))
            #expect(
                outcome.errorText.contains("error: kubectl took longer than 1 s (deadline), and"))
            #expect(outcome.errorText.contains("cannot be ended and was left"))
            let left = group.processes
            #expect(!left.isEmpty, "they ended after all")
            for pid in left { #expect(outcome.errorText.contains("process \(pid) cannot")) }
        }
    }

    /// A cgroup whose processes get no signal, not even SIGKILL, until it is thawed.
    private struct FrozenGroup {
        let path: String
        private static let root = "/sys/fs/cgroup/freezer"

        static var isPossible: Bool { access("\(root)/tasks", W_OK) == 0 }

        init() throws {
            path = "\(Self.root)/devcluster-test-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false)
        }

        var processes: [Int32] {
            let text = try? String(contentsOfFile: "\(path)/tasks", encoding: .utf8)
            return (text ?? "").split(separator: "\n").compactMap { Int32($0) }
        }

        /// Ends all that is in it, and removes it.
        func end() {
            for pid in processes { kill(pid, SIGKILL) }
            try? Data("THAWED".utf8).write(to: URL(filePath: "\(path)/freezer.state"))
            // A cgroup can be removed when its last process is reaped.
            for _ in 0..<1000 where rmdir(path) != 0 { usleep(10_000) }
        }
    }
#endif
