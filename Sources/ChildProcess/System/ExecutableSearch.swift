import SystemLibraries

/// The absolute path of the program that a shell would run for this name, or nil.
///
/// - Parameters:
///   - name: a name without a slash is looked up; one with a slash is a path.
///   - path: directories separated by colons; nil means this process's `PATH`.
public func findExecutable(_ name: String, path: String? = nil) -> String? {
    let path = path ?? ProcessInfo.processInfo.environment["PATH"]
    guard case .found(let file) = ExecutableSearch(path: path).find(name) else { return nil }
    return file
}

/// The look-up of a tool's name, as `execvp` does it but with an answer for each way it fails.
struct ExecutableSearch {
    enum Answer: Equatable {
        /// Absolute path of an executable regular file.
        case found(String)
        /// Nothing of that name.
        case absent
        /// Something of that name that cannot be run; the value is `errno`.
        case unusable(Int32)
    }

    /// Where to look, separated by colons; an empty entry is the working directory.
    var path: String?
    /// What relative entries are relative to; nil means our working directory.
    var directory: String?

    /// Used without `PATH`, as shells do.
    static let defaultPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

    func find(_ name: String) -> Answer {
        guard !name.isEmpty, !name.utf8.contains(0) else { return .absent }
        if name.contains("/") { return examine(absolute(name)) }
        var answer = Answer.absent
        for entry in (path ?? ExecutableSearch.defaultPath).split(
            separator: ":", omittingEmptySubsequences: false)
        {
            switch examine(absolute(entry.isEmpty ? name : "\(entry)/\(name)")) {
            case .found(let file): return .found(file)
            case .unusable(let code): answer = .unusable(code)
            case .absent: continue
            }
        }
        return answer
    }

    private func examine(_ file: String) -> Answer {
        var status = stat()
        guard stat(file, &status) == 0 else {
            return [ENOENT, ENOTDIR].contains(errno) ? .absent : .unusable(errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return .unusable(EACCES) }
        return access(file, X_OK) == 0 ? .found(file) : .unusable(errno)
    }

    private func absolute(_ file: String) -> String {
        if file.hasPrefix("/") { return file }
        let base = directory ?? FileManager.default.currentDirectoryPath
        return "\(base)/\(file)"
    }
}

/// Why a directory cannot be a child's working directory: an `errno`, or nil if it can.
func obstacle(toEntering directory: String) -> Int32? {
    var status = stat()
    guard stat(directory, &status) == 0 else { return errno }
    guard status.st_mode & S_IFMT == S_IFDIR else { return ENOTDIR }
    return access(directory, X_OK) == 0 ? nil : errno
}
