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
    static func marked(folder: String) -> [ProcessIdentity] { marked { $0 == folder } }

    /// Processes that carry the mark of any folder of this state.
    static func marked(state: StateFolder) -> [ProcessIdentity] {
        marked { $0.hasPrefix(state.path + "/") }
    }

    private static func marked(_ isMeant: (String) -> Bool) -> [ProcessIdentity] {
        #if os(Linux)
            let prefix = Array("\(mark)=".utf8)
            return PortHolder.processes().compactMap { pid in
                guard pid != ProcessIdentity.current.pid,
                    let environment = readFile("/proc/\(pid)/environ", limit: 4 << 20),
                    let entry = environment.split(separator: 0).first(where: {
                        $0.starts(with: prefix)
                    }),
                    isMeant(String(decoding: entry.dropFirst(prefix.count), as: UTF8.self))
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
                let environment = readFile("/proc/\(pid)/environ", limit: 4 << 20)
                // Empty for a moment after the start: it could be ours.
                guard environment?.isEmpty != true else { return nil }
                let prefix = Array("\(mark)=".utf8)
                let isOurs = environment?.split(separator: 0).contains { $0.starts(with: prefix) }
                guard isOurs != true else { return nil }
                return ForeignForward(
                    process: process, user: user(of: pid), command: command.joined(separator: " "))
            }
        #else
            return []
        #endif
    }
}

#if os(Linux)
    /// Whose process it is: the owner of its folder in `/proc`.
    private func user(of pid: Int32) -> String {
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0 else { return "" }
        return userName(status.st_uid)
    }

    /// A user's name, or number where there is none.
    func userName(_ user: uid_t) -> String {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
    }
#endif

/// A `kubectl port-forward` that somebody else started.
public struct ForeignForward: Codable, Sendable, Equatable {
    /// The process.
    public var process: ProcessIdentity
    /// Its user.
    public var user: String
    /// Its command line.
    public var command: String
}
