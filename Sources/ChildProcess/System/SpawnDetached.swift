import SystemLibraries

/// Starts a program that lives on after us, in a session of its own and without a terminal.
///
/// Its standard input is `/dev/null`, and it has no other descriptor of ours, so nobody who
/// reads our output waits for it. While we live it is our child; a thread waits for its end, so it
/// never stays a zombie. When we exit it passes to process 1, and the thread is gone with us.
///
/// - Parameters:
///   - tool: name looked up in the `PATH` of the child's environment, or an absolute path.
///   - arguments: arguments after the tool's name.
///   - environment: variables added to this process's environment, or replacing them.
///   - output: path of a file to which standard output and error are appended; it is made with
///     mode 0600 if missing, and a symbolic link is refused. Nil means `/dev/null`.
/// - Returns: the process, by which a later run can find and end it. Whether the program did
///   well cannot be known yet: it may have exited by the time this returns.
/// - Throws: `InvocationError`: `.notFound`, `.notStarted`, or `.unusablePath` for the output.
public func spawnDetached(
    _ tool: String, _ arguments: [String], environment: [String: String] = [:],
    output: String? = nil
) throws(InvocationError) -> ProcessIdentity {
    let invocation = Invocation(
        tool, arguments, environment: environment, effect: .changes)
    var spawn = try Spawn(
        resolving: invocation,
        environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
    spawn.newSession = true
    var file: Descriptor?
    if let output {
        // A link there would let whoever made it choose the file that we write to.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
        let log = Descriptor(open(output, flags, 0o600))
        guard log.isOpen else { throw InvocationError(.unusablePath(output, errno), invocation) }
        file = log
    }
    do throws(SystemError) {
        file = try file.map(raised)
        (spawn.output, spawn.error) = (file?.number, file?.number)
        let pid = try spawn.start()
        // Taken before anybody waits for it, so its row is there even if it has exited already.
        let identity = ProcessIdentity(entryOf: pid)
        // Without the thread it would at worst be a zombie until we exit.
        try? startThread { _ = reap(pid) }
        return identity
    } catch {
        throw InvocationError(.notStarted(error.code), invocation)
    }
}
