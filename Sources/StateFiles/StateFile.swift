import SystemLibraries
import Vocabulary

/// Opens what processes share in the state folder: locks, pipes and logs.
///
/// No link is followed, and nothing is used that another user could have put there.
package enum StateFile {
    /// Opens a regular file, or a named pipe.
    ///
    /// - Parameter flags: added to `O_CLOEXEC`, `O_NOFOLLOW` and `O_NONBLOCK`.
    /// - Returns: the descriptor; nil where nothing has this name, and `O_CREAT` is not set.
    /// - Throws: `DevClusterError` naming the path and what is wrong with it.
    package static func open(
        _ path: String, _ flags: Int32, isPipe: Bool = false
    ) throws(DevClusterError) -> Int32? {
        // A pipe in the place of a file must not be waited for.
        let all = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        #if canImport(Glibc)
            let file = Glibc.open(path, all, 0o600)
        #else
            let file = Darwin.open(path, all, 0o600)
        #endif
        guard file >= 0 else {
            let code = errno
            if WholeFile.isAbsence(code), flags & O_CREAT == 0 { return nil }
            throw unusable(
                path,
                code == ELOOP ? "it is a symbolic link" : String(cString: strerror(code)))
        }
        if let problem = problem(file, isPipe: isPipe) {
            close(file)
            throw unusable(path, problem)
        }
        return file
    }

    private static func problem(_ file: Int32, isPipe: Bool) -> String? {
        var status = stat()
        guard fstat(file, &status) == 0 else { return String(cString: strerror(errno)) }
        guard status.st_mode & S_IFMT == (isPipe ? S_IFIFO : S_IFREG) else {
            return isPipe ? "it is no named pipe" : "it is not a regular file"
        }
        return foreign(status)
    }

    /// What lets another user change a file or folder; nil when nobody else can.
    static func foreign(_ status: stat) -> String? {
        guard status.st_uid == geteuid() else {
            return "it belongs to user \(status.st_uid), and this is user \(geteuid())"
        }
        return status.st_mode & 0o022 == 0 ? nil : "other users may write to it"
    }

    private static func unusable(_ path: String, _ reason: String) -> DevClusterError {
        DevClusterError(
            .failed, "cannot use \(ShownText.line(path)): \(reason)",
            hint: "see what is there with 'ls -ld', or set DEVCLUSTER_STATE")
    }
}
