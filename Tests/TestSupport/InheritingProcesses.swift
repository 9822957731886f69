import ChildProcess
import Foundation

/// Command lines of the processes that inherited a variable with this value (Linux).
public func processesInheriting(_ name: String, _ value: String) -> [String] {
    ProcessIdentity.all().compactMap { process in
        let data = FileManager.default.contents(atPath: "/proc/\(process.pid)/environ") ?? Data()
        guard data.range(of: Data("\(name)=\(value)".utf8)) != nil else { return nil }
        return process.commandLine?.joined(separator: " ")
    }
}
