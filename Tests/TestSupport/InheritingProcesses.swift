import ChildProcess
import Foundation

/// Command lines of the processes that inherited a variable with this value (Linux).
public func processesInheriting(_ name: String, _ value: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.compactMap { pid in
        let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
        guard data.range(of: Data("\(name)=\(value)".utf8)) != nil else { return nil }
        return ProcessIdentity.commandLine(of: pid)?.joined(separator: " ")
    }
}
