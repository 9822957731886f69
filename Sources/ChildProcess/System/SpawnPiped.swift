import SystemLibraries

/// A child that lives as long as its owner wants, whose output its owner polls.
///
/// For loops that have `poll` as their only place to wait; whoever wants a result uses a `Runner`.
/// Confined to one thread at a time.
public final class PipedChild {
    /// The process.
    public let process: ProcessIdentity
    private let output: Descriptor
    private let exitWatch: ExitWatch

    /// Bytes that one read returns at most, so that nothing else waits long for its owner.
    public static let readLimit = 256 << 10

    init(_ process: ProcessIdentity, output: Descriptor) {
        self.process = process
        self.output = output
        exitWatch = ExitWatch(process.pid)
    }

    deinit { kill() }

    /// What `poll` waits for: its output, and its end, since what it started may hold its output
    /// open. None once it has ended.
    public var descriptors: [Int32] {
        hasEnded ? [] : [output.number, exitWatch.descriptor].filter { $0 >= 0 }
    }

    /// Whether it has ended, and all that it printed was read.
    public var hasEnded: Bool { !output.isOpen }

    /// What it has printed since it was last asked, without waiting.
    ///
    /// One that closed its output will not be heard of any more, and is ended.
    public func read() -> [UInt8] {
        // Asked before: what it printed itself is all in the pipe by then.
        let hasExited = !process.isAlive
        var bytes: [UInt8] = []
        while output.isOpen {
            let count = retrying {
                withUnsafeTemporaryAllocation(byteCount: bufferSize, alignment: 1) { buffer in
                    let count = readBytes(output.number, buffer)
                    if count > 0 { bytes += buffer.prefix(count) }
                    return count
                }
            }
            if count == 0 || (count < 0 && (errno != EAGAIN || hasExited)) { kill() }
            if count <= 0 || bytes.count + bufferSize > PipedChild.readLimit { break }
        }
        return bytes
    }

    /// Ends it at once: for programs that have nothing to put in order, as kubectl's readers.
    public func kill() {
        process.send(SIGKILL)
        output.close()
    }
}

/// Bytes read at once.
private let bufferSize = 16 << 10

private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}

/// Starts a child in a process group of its own, with standard output and error in one pipe.
///
/// A thread waits for its end, so it never stays a zombie.
/// - Parameter environment: the whole environment of the child; `PATH` finds the tool.
/// - Throws: `InvocationError`: `.notFound`, `.notStarted`.
public func spawnPiped(
    _ tool: String, _ arguments: [String], environment: [String: String]
) throws(InvocationError) -> PipedChild {
    let invocation = Invocation(tool, arguments)
    var spawn = try Spawn(resolving: invocation, environment: environment)
    do throws(SystemError) {
        let (reader, writer) = try makePipe()
        reader.makeNonBlocking()
        (spawn.output, spawn.error) = (writer.number, writer.number)
        let pid = try withExtendedLifetime(writer) { () throws(SystemError) in try spawn.start() }
        let identity = ProcessIdentity(entryOf: pid)
        try? startThread { _ = reap(pid) }
        return PipedChild(identity, output: reader)
    } catch {
        throw InvocationError(.notStarted(error.code), invocation)
    }
}

/// Path of the executable this process runs, also when its file was replaced meanwhile.
public var currentExecutable: String {
    #if canImport(Darwin)
        var size = UInt32(4096)
        var path = [CChar](repeating: 0, count: Int(size))
        guard _NSGetExecutablePath(&path, &size) == 0 else { return CommandLine.arguments[0] }
        return String(decoding: path.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    #else
        let link = "/proc/self/exe"
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        // The child is still an image of us when it looks the link up.
        guard let path, FileManager.default.isExecutableFile(atPath: path) else { return link }
        return path
    #endif
}
