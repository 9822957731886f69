import SystemLibraries

/// Collects what a child writes to one of its streams.
final class OutputReader {
    private(set) var bytes = Data()
    private(set) var isOverLimit = false
    private let stream: OutputChunk.Stream
    private let limit: Int
    private let handler: OutputHandler?
    private var pipe: Descriptor?

    /// The default capacity of a Linux pipe: one read empties it.
    private static let bufferSize = 64 << 10

    init(_ stream: OutputChunk.Stream, limit: Int, handler: OutputHandler?) {
        self.stream = stream
        self.limit = limit
        self.handler = handler
    }

    func attach(_ pipe: Descriptor) {
        pipe.makeNonBlocking()
        self.pipe = pipe
    }

    func close() {
        pipe?.close()
    }

    /// -1 when there is nothing more to read.
    var descriptor: Int32 { pipe?.number ?? -1 }

    var isAtEnd: Bool { descriptor < 0 }

    /// Takes what is there, without waiting. Beyond the limit it is read but not kept, so that
    /// a child that is being ended does not hang in a write.
    func read() {
        guard let pipe, pipe.isOpen else { return }
        withUnsafeTemporaryAllocation(byteCount: OutputReader.bufferSize, alignment: 16) { buffer in
            let count = retrying { readBytes(pipe.number, buffer) }
            if count > 0 {
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) {
                pipe.close()
            }
        }
    }

    private func take(_ new: UnsafeRawBufferPointer) {
        guard !isOverLimit else { return }
        isOverLimit = new.count > limit - bytes.count
        let kept = new.prefix(limit - bytes.count)
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: kept))
        if let handler, !kept.isEmpty {
            handler(OutputChunk(stream: stream, bytes: Data(kept)))
        }
    }
}

private func readBytes(_ number: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(number, buffer.baseAddress, buffer.count)
}

private func writeBytes(_ number: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(number, bytes.baseAddress, bytes.count)
}

/// Feeds a child's standard input as fast as it reads.
final class InputWriter {
    enum Progress {
        case more
        case finished
    }

    private let pipe: Descriptor
    private let data: Data
    private var offset = 0

    init(_ pipe: Descriptor, _ data: Data) {
        pipe.makeNonBlocking()
        self.pipe = pipe
        self.data = data
    }

    var descriptor: Int32 { pipe.number }

    /// Writes what the pipe takes, without waiting. A child that closed its end wants no more,
    /// which is its right: its exit code tells whether it minded.
    func write() -> Progress {
        let count = data.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            return rest.isEmpty ? 0 : retrying { writeBytes(pipe.number, rest) }
        }
        if count < 0 { return errno == EAGAIN || errno == EWOULDBLOCK ? .more : .finished }
        offset += count
        return offset == data.count ? .finished : .more
    }
}
