public import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The processes of forwards, found without the ledger.
enum ForwardProcess {
    /// A variable in the environment of every process of a forward of ours: supervisors and
    /// kubectls. Its value is the state folder.
    static let mark = "DEVCLUSTER_FORWARD"

    /// Processes that carry the mark of this folder (Linux; elsewhere only the ledger knows).
    static func marked(folder: String) -> [ProcessIdentity] {
        #if os(Linux)
            let entry = Data("\(mark)=\(folder)".utf8)
            return PortHolder.processes().compactMap { pid in
                guard pid != ProcessIdentity.current.pid,
                    let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                    environment.split(separator: 0).contains(where: { $0 == entry[...] })
                else { return nil }
                return ProcessIdentity(pid: pid)
            }
        #else
            return []
        #endif
    }

    /// `kubectl port-forward` processes that carry no mark of ours.
    static func foreign() -> [ForeignForward] {
        #if os(Linux)
            return PortHolder.processes().compactMap { pid in
                guard let command = ProcessIdentity.commandLine(of: pid),
                    let tool = command.first?.split(separator: "/").last, tool == "kubectl",
                    command.contains("port-forward"), let process = ProcessIdentity(pid: pid)
                else { return nil }
                let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ")
                // Empty for a moment after the start: it could be ours.
                guard environment?.isEmpty != true else { return nil }
                let prefix = Data("\(mark)=".utf8)
                let isOurs = environment?.split(separator: 0).contains { $0.starts(with: prefix) }
                guard isOurs != true else { return nil }
                return ForeignForward(
                    process: process, user: user(of: pid), command: command.joined(separator: " "))
            }
        #else
            return []
        #endif
    }

    #if os(Linux)
        /// Whose process it is: the owner of its folder in `/proc`.
        private static func user(of pid: Int32) -> String {
            var status = stat()
            guard stat("/proc/\(pid)", &status) == 0 else { return "" }
            guard let entry = getpwuid(status.st_uid) else { return "\(status.st_uid)" }
            return String(cString: entry.pointee.pw_name)
        }
    #endif
}

/// A `kubectl port-forward` that somebody else started.
public struct ForeignForward: Codable, Sendable, Equatable {
    /// The process.
    public var process: ProcessIdentity
    /// Its user.
    public var user: String
    /// Its command line.
    public var command: String
}
