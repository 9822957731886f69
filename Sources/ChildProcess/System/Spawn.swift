import SystemLibraries

/// What `posix_spawn` needs to know, resolved: no look-up is left to do.
struct Spawn {
    /// Absolute path of the executable.
    var path: String
    /// All arguments, the program's name first.
    var arguments: [String]
    /// The whole environment of the child.
    var environment: [String: String]
    /// Working directory; nil means ours.
    var directory: String?
    /// Descriptor that becomes standard input; nil means `/dev/null`.
    var input: Int32?
    /// Descriptor that becomes standard output; nil means `/dev/null`.
    var output: Int32?
    /// Descriptor that becomes standard error; nil means `/dev/null`.
    var error: Int32?
    /// A session of its own, out of reach of our terminal, instead of only a process group.
    var newSession = false

    /// Starts the child and returns its process id. It leads a new process group.
    func start() throws(SystemError) -> pid_t {
        let texts =
            arguments + environment.map { "\($0.key)=\($0.value)" } + [path, directory ?? ""]
        let namesAreUsable = environment.keys.allSatisfy { !$0.isEmpty && !$0.contains("=") }
        // C strings would end there, silently.
        guard namesAreUsable, !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw SystemError(code: EINVAL)
        }
        Spawn.makeChildrenWaitable
        // A script just written can still be open for writing in a sibling that some other thread
        // forked and that has not yet called exec (golang/go issue 22315); it soon will have.
        for attempt in 1...20 {
            do {
                return try attemptStart()
            } catch let failure {
                guard failure.code == ETXTBSY, attempt < 20 else { throw failure }
                usleep(10_000)
            }
        }
        throw SystemError(code: ETXTBSY)
    }

    private func attemptStart() throws(SystemError) -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        var codes: [Int32] = []
        if let directory {
            codes.append(posix_spawn_file_actions_addchdir_np(&actions, directory))
        }
        for (number, source) in zip(Int32(0)..., [input, output, error]) {
            if let source {
                codes.append(posix_spawn_file_actions_adddup2(&actions, source, number))
            } else {
                let mode = number == 0 ? O_RDONLY : O_WRONLY
                codes.append(
                    posix_spawn_file_actions_addopen(&actions, number, "/dev/null", mode, 0))
            }
        }
        #if !canImport(Darwin)
            codes.append(posix_spawn_file_actions_addclosefrom_np(&actions, 3))
        #endif
        if let code = codes.first(where: { $0 != 0 }) { throw SystemError(code: code) }

        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        sigdelset(&signals, SIGKILL)
        sigdelset(&signals, SIGSTOP)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, flags)

        var pid: pid_t = 0
        let code = withCStrings(arguments) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw SystemError(code: code) }
        return pid
    }

    private var flags: Int16 {
        var flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        #if canImport(Darwin)
            flags |= Int16(POSIX_SPAWN_CLOEXEC_DEFAULT)
            flags |= newSession ? Int16(POSIX_SPAWN_SETSID) : Int16(POSIX_SPAWN_SETPGROUP)
        #else
            // POSIX_SPAWN_SETSID of <spawn.h>, which the Glibc module hides.
            flags |= newSession ? 0x80 : Int16(POSIX_SPAWN_SETPGROUP)
        #endif
        return flags
    }

    /// Undoes an inherited "ignore SIGCHLD", with which exit codes are thrown away.
    ///
    /// Some launchers leave it ignored, and it survives exec; `waitpid` then only says ECHILD.
    private static let makeChildrenWaitable: Void = {
        var action = sigaction()
        sigaction(SIGCHLD, nil, &action)
        #if canImport(Darwin)
            let handler = unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
        #else
            let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        #endif
        let ignore = unsafeBitCast(SIG_IGN, to: Int.self)
        if handler == ignore || action.sa_flags & Int32(SA_NOCLDWAIT) != 0 {
            signal(SIGCHLD, SIG_DFL)
        }
    }()
}

/// Calls the body with a null-terminated array of C strings.
private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    let array = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
        capacity: strings.count + 1)
    for (index, string) in strings.enumerated() {
        array[index] = strdup(string)
    }
    array[strings.count] = nil
    defer {
        for index in strings.indices { free(array[index]) }
        array.deallocate()
    }
    return body(array)
}

/// Waits for the child's end and returns it; nil if something else in this process waited first.
func reap(_ pid: pid_t) -> Outcome.Exit? {
    var status: Int32 = 0
    guard retrying({ Int(waitpid(pid, &status, 0)) }) == Int(pid) else { return nil }
    // WIFEXITED, WEXITSTATUS and WTERMSIG are macros with arguments and not imported.
    let signal = status & 0x7f
    return signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
}
