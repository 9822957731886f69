import StateFiles
import SystemLibraries
import Vocabulary

/// A file, folder or link of a build's context.
struct ContextEntry: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case file(permissions: UInt32, size: Int64)
        case folder(permissions: UInt32)
        case link(to: String)
        /// A pipe or device: there, but never opened.
        case special
    }

    /// Relative to the context.
    var path: String
    var kind: Kind
}

/// Finds what a build takes from its context.
struct ContextWalk {
    /// What is looked at before it is given up: more is no longer done in passing.
    struct Limits: Sendable {
        var entries = 20_000
        var bytes: Int64 = 512 << 20
        /// With what is ignored or taken by nobody.
        var looks = 100_000
        /// Steps of comparing names with patterns.
        var steps = 200_000_000
    }

    /// Absolute path of the context, without links.
    let root: String
    let ignored: IgnoreRules
    let limits: Limits
    private var sources: [PathPattern]
    /// Links that a source names or leads through: the builder copies what they lead to.
    private var linksToFollow: [String] = []
    private var entries: [String: ContextEntry] = [:]
    private var looks = 0
    private var steps = 0
    private var bytes: Int64 = 0
    /// Where links led.
    private var followed: Set<[String]> = []
    /// How much work a path is at most, in steps for each of its names.
    private var cost: Int

    /// - Throws: `DevClusterError` when the context is not there.
    init(
        context: String, sources: [PathPattern], ignored: IgnoreRules, limits: Limits = Limits()
    ) throws(DevClusterError) {
        guard let root = ContextWalk.real(context) else {
            throw ContextWalk.unreadable(context)
        }
        self.root = root
        self.sources = sources
        self.ignored = ignored
        self.limits = limits
        cost = sources.reduce(ignored.cost) { $0 + $1.cost }
    }

    /// Everything that is taken in, sorted by the bytes of its path.
    ///
    /// - Throws: `DevClusterError` for what cannot be read or is too much, `CancellationError`.
    mutating func run() async throws -> [ContextEntry] {
        if sources.isEmpty { return [] }
        try await walk([])
        while let link = linksToFollow.popLast() {
            guard let target = try follow(link), followed.insert(target).inserted else { continue }
            // What the others take in is known by now, and no link is on the way to a target.
            sources = [PathPattern(literal: target)]
            cost = ignored.cost + target.count
            if target.isEmpty { try await walk([]) } else { try await visit(target) }
        }
        return entries.values.sorted {
            $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
        }
    }

    private mutating func walk(_ folder: [String]) async throws {
        let path = absolute(folder)
        guard let names = try WholeFile.names(in: path) else {
            throw ContextWalk.unreadable(path)
        }
        for name in names {
            looks += 1
            if looks % 512 == 0 {
                try Task.checkCancellation()
                await Task.yield()
            }
            guard looks <= limits.looks else {
                throw tooMuch("more than \(limits.looks) files")
            }
            steps += cost * (folder.count + 1)
            guard steps <= limits.steps else {
                throw tooMuch("too many files for that many ignore rules and COPY sources")
            }
            try await visit(folder + [name])
        }
    }

    private mutating func visit(_ path: [String]) async throws {
        let isTaken = sources.contains { $0.covers(path) }
        let isOnTheWay = sources.contains { $0.reachesInto(path) }
        guard isTaken || isOnTheWay else { return }
        let isIgnored = ignored.ignores(path)
        if isIgnored && ignored.ignoresAll(in: path) { return }
        let kind = try kind(of: path)
        let isLinkOnTheWay = if case .link = kind { isOnTheWay } else { false }
        if (isTaken && !isIgnored) || isLinkOnTheWay { try add(path, kind) }
        if case .folder = kind { try await walk(path) }
    }

    private mutating func add(_ path: [String], _ kind: ContextEntry.Kind) throws {
        let name = path.joined(separator: "/")
        guard entries.updateValue(ContextEntry(path: name, kind: kind), forKey: name) == nil
        else { return }
        if case .link = kind, sources.contains(where: { $0.matches(path) || $0.reachesInto(path) })
        {
            linksToFollow.append(name)
        }
        if case .file(_, let size) = kind { bytes += size }
        guard entries.count <= limits.entries else {
            throw tooMuch("more than \(limits.entries) files")
        }
        guard bytes <= limits.bytes else { throw tooMuch("more than \(limits.bytes >> 20) MB") }
    }

    /// What a link leads to; nil for one that leads nowhere, which is just a link.
    private func follow(_ link: String) throws -> [String]? {
        guard let target = ContextWalk.real("\(root)/\(link)") else { return nil }
        guard target.hasPrefix(root == "/" ? root : root + "/") else {
            throw DevClusterError(
                .failed,
                "\(ShownText.line(link)) leads out of the context, to"
                    + " \(ShownText.line(target))")
        }
        return target.dropFirst(root.count).split(separator: "/").map(String.init)
    }

    private func kind(of path: [String]) throws(DevClusterError) -> ContextEntry.Kind {
        let path = absolute(path)
        var status = stat()
        guard lstat(path, &status) == 0 else {
            // Such a name was made readable, and is now that of another file.
            guard errno == ENOENT, path.contains("\u{FFFD}") else {
                throw ContextWalk.unreadable(path)
            }
            throw DevClusterError(
                .failed, "cannot read \(ShownText.line(path)): its name is not UTF-8")
        }
        // All that chmod sets, and an image keeps.
        let permissions = UInt32(status.st_mode) & 0o7777
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            return .file(permissions: permissions, size: Int64(status.st_size))
        case S_IFDIR: return .folder(permissions: permissions)
        case S_IFLNK:
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            guard let target else { throw ContextWalk.unreadable(path) }
            return .link(to: target)
        default: return .special
        }
    }

    private func absolute(_ path: [String]) -> String {
        ([root == "/" ? "" : root] + path).joined(separator: "/")
    }

    private func tooMuch(_ what: String) -> DevClusterError {
        DevClusterError(.failed, "the context \(ShownText.line(root)) has \(what)")
    }

    /// The path without links; nil when it is not there.
    static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func unreadable(_ path: String) -> DevClusterError {
        DevClusterError(
            .failed,
            "cannot read \(ShownText.line(path)): \(String(cString: strerror(errno)).lowercased())")
    }
}
