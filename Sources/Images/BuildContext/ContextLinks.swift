import SystemLibraries
import Vocabulary

/// Finds links that COPY or ADD names and that an engine cannot follow, as they lead out of the
/// context.
///
/// An engine follows them as if the context were `/`, and fails in words that name no link. Links
/// in a folder that is copied are copied as links, and mounts follow a link as everybody does
/// (tried with podman 4.3).
struct ContextLinks {
    /// A link that cannot be followed.
    struct Link: Equatable {
        /// Where it is, relative to the context.
        var path: String
        /// Where it leads outside a build, without links where there is anything.
        var target: String
        /// Whether it only leads back into the context by way of what is outside.
        var returns: Bool
    }

    /// Absolute path of the context, without links.
    let root: String
    let sources: [PathPattern]
    let ignored: IgnoreRules
    private var looks = 0
    private var steps = 0
    /// How much work a path is at most, in steps for each of its names.
    private let cost: Int
    private var links: [Link] = []

    init(root: String, sources: [PathPattern], ignored: IgnoreRules) {
        self.root = root == "/" ? "" : root
        self.sources = sources
        self.ignored = ignored
        cost = sources.reduce(ignored.cost) { $0 + $1.cost }
    }

    /// All of them; only folders on the way to what is named are looked into.
    mutating func find() -> [Link] {
        look([])
        return links
    }

    /// More is no longer looked at in passing.
    private static let mostLooks = 20_000
    /// Steps of comparing names with patterns.
    var mostSteps = 20_000_000
    /// What asking the system for a file costs, against a comparison.
    private static let stepsPerLook = 20
    /// As many as Linux follows.
    private static let mostLinks = 40

    private mutating func look(_ folder: [String]) {
        guard folder.count < Self.mostLinks, let real = resolved(folder),
            let names = try? FileManager.default.contentsOfDirectory(atPath: absolute(real))
        else { return }
        for name in names.sorted() {
            looks += 1
            steps += cost * (folder.count + 1)
            guard looks <= Self.mostLooks, steps <= mostSteps else { return }
            let path = folder + [name]
            let isOnTheWay = sources.contains { $0.reachesInto(path) }
            guard isOnTheWay || sources.contains(where: { $0.matches(path) }),
                !ignored.ignores(path) || !ignored.ignoresAll(in: path)
            else { continue }
            if resolved(path) == nil {
                guard steps <= mostSteps else { return }
                if let link = outward(path) { links.append(link) }
            } else if isOnTheWay {
                look(path)
            }
        }
    }

    /// Where a path leads for an engine; nil where it finds nothing.
    private mutating func resolved(_ path: [String]) -> [String]? {
        var open = Array(path.reversed())
        var found: [String] = []
        var followed = 0
        while let name = open.popLast() {
            if name == "." { continue }
            if name == ".." {
                _ = found.popLast()
                continue
            }
            steps += Self.stepsPerLook
            var status = stat()
            guard steps <= mostSteps, lstat(absolute(found + [name]), &status) == 0 else {
                return nil
            }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                found.append(name)
                continue
            }
            followed += 1
            guard followed <= Self.mostLinks, let target = target(found + [name]) else {
                return nil
            }
            if target.hasPrefix("/") { found = [] }
            open += target.split(separator: "/").reversed().map(String.init)
        }
        return found
    }

    /// The link at a path that an engine does not find; nil when it leads nowhere inside.
    private mutating func outward(_ path: [String]) -> Link? {
        let name = path.joined(separator: "/")
        if let real = realpath(absolute(path), nil) {
            defer { free(real) }
            let target = String(cString: real)
            return Link(path: name, target: target, returns: isInside(target))
        }
        let folder = resolved(path.dropLast()).map(absolute) ?? root
        guard let end = end(of: "\(folder)/\(path.last ?? "")"), !isInside(end) else {
            return nil
        }
        return Link(path: name, target: end, returns: false)
    }

    /// Where links lead that end nowhere; nil for those that go round.
    private func end(of link: String) -> String? {
        var place = link
        for _ in 0..<Self.mostLinks {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: place)
            else { return place }
            let folder = ConfigurationPath.parent(of: place)
            place = FilePaths.normalized(
                target.hasPrefix("/") ? target : "\(folder)/\(target)")
        }
        return nil
    }

    private func isInside(_ path: String) -> Bool { path == root || path.hasPrefix(root + "/") }

    private func target(_ path: [String]) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: absolute(path))
    }

    private func absolute(_ path: [String]) -> String {
        path.isEmpty && root.isEmpty ? "/" : ([root] + path).joined(separator: "/")
    }
}
