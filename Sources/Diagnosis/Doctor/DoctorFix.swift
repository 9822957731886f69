import ChildProcess
import Clusters
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Does what `doctor` found safe to do: nothing is lost by it.
public struct DoctorFix: Sendable {
    let session: Session
    /// Paths of the fields that file, variables or flags set.
    private let stated: Set<String>
    /// Asks before each; throws unless the user agrees.
    let confirm: @Sendable (String) throws -> Void

    /// Describes the work; nothing starts yet.
    public init(
        session: Session, stated: Set<String> = [],
        confirm: @escaping @Sendable (String) throws -> Void
    ) {
        self.session = session
        self.stated = stated
        self.confirm = confirm
    }

    /// Fixes what can be fixed, `up` last and once.
    ///
    /// - Returns: what was done.
    /// - Throws: `DevClusterError` or `InvocationError`; what was done before stays done.
    public func run(_ findings: [Finding]) async throws -> [String] {
        var done: [String] = []
        for finding in findings {
            switch finding.fix {
            case .removeFile(let path):
                try confirm("remove \(path)?")
                if !session.isDryRun { try DoctorFix.remove(path) }
                done.append("removed \(path)")
            case .endProcess(let process):
                try confirm("end process \(process.pid) (\(finding.evidence))?")
                if !session.isDryRun, await !process.end() {
                    throw DevClusterError(.failed, "process \(process.pid) does not end")
                }
                done.append("ended process \(process.pid)")
            case .removeContainer(let name):
                try confirm("remove the container \(name)?")
                try await session.engine.remove(container: name)
                done.append("removed the container \(name)")
            case .up, nil: break
            }
        }
        guard findings.contains(where: { $0.fix == .up }) else { return done }
        try confirm("run 'devcluster up'?")
        let report = try await ClusterUp(
            session: session, permissions: UpPermissions(confirm: confirm),
            switchesContext: false, stated: stated
        ).run()
        return done + ["up: " + report.changes.joined(separator: "; ")]
    }

    private static func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // What FileManager throws reads differently with each Foundation, and well with none.
            guard FileStatus(path) != nil else { return }
            throw DevClusterError(
                .failed, "cannot remove \(ShownText.line(path))", hint: "rm '\(path)'",
                cause: error)
        }
    }
}
