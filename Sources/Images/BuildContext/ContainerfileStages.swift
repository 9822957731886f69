import Vocabulary

/// What a build takes from its context, as the Containerfile says.
package struct ContextUse: Sendable, Equatable {
    /// Files and folders, relative to the context; those below a folder belong to it.
    package var sources: [PathPattern] = []
    /// Those of them that COPY and ADD name.
    var copied: [PathPattern] = []
    /// Whether a command runs with files mounted that the layer cache knows nothing of: a cache
    /// mount, or (podman) files of the context.
    var hasMounts = false

    /// Everything, because it cannot be told.
    static let all = PathPattern("")
}

/// An image that a Containerfile names, as `FROM $BASE` or `COPY --from=base` do.
package struct ImageMention: Sendable, Hashable {
    /// What stands there.
    package var text: String
    /// The reference that it means.
    package var reference: String
    /// Whether a command only sees its files: podman does not run it again for others.
    var isMounted = false

    /// The same, of which a command only sees the files.
    fileprivate var mounted: ImageMention {
        ImageMention(text: text, reference: reference, isMounted: true)
    }
}

/// The stages of a Containerfile, and what each takes in.
package struct ContainerfileStages: Sendable {
    private struct Stage {
        var name: String?
        /// Stages that this one is built on or copies from.
        var needs: Set<Int> = []
        /// Stages whose files a command only sees.
        var mounts: Set<Int> = []
        /// Images that it is built on or copies from, as far as they can be told.
        var images: Set<ImageMention> = []
        var use = ContextUse()
        var variables: ContainerfileVariables
    }

    private let escape: Character
    private let arguments: [String: String]
    private var outer: ContainerfileVariables
    private var stages: [Stage] = []

    /// - Parameter arguments: the values of `--build-arg`.
    package init(_ file: Containerfile, arguments: [String: String]) {
        escape = file.escape
        self.arguments = arguments
        // Not complete: TARGETARCH and its like are set without being declared here.
        outer = ContainerfileVariables(escape: file.escape, isComplete: false)
        for instruction in file.instructions { add(instruction) }
    }

    /// What the build of a stage takes from the context, with the stages it needs.
    ///
    /// - Parameter target: name or number of the stage; nil is the last.
    package func use(target: String?) -> ContextUse {
        var use = ContextUse()
        for stage in needed(for: target) {
            use.sources += stage.use.sources
            use.copied += stage.use.copied
            use.hasMounts = use.hasMounts || stage.use.hasMounts
        }
        return use
    }

    /// The images that the build of a stage begins with or copies from, as far as they can be told.
    ///
    /// - Parameter target: as for `use`.
    package func images(target: String?) -> Set<ImageMention> {
        let needed = needed(for: target)
        let mounted = self.needed(Array(Set(needed.flatMap(\.mounts)))).flatMap(\.images)
        return needed.reduce(into: Set(mounted.map(\.mounted))) { $0.formUnion($1.images) }
    }

    /// A stage, and those that it needs.
    private func needed(for target: String?) -> [Stage] {
        var open = target.map { Array(indices(of: $0, before: stages.count)) } ?? []
        // An unknown target is the builder's to complain of.
        if open.isEmpty, let last = stages.indices.last { open = [last] }
        return needed(open)
    }

    private func needed(_ first: [Int]) -> [Stage] {
        var open = first
        var seen: Set<Int> = []
        var needed: [Stage] = []
        while let index = open.popLast() {
            guard seen.insert(index).inserted else { continue }
            needed.append(stages[index])
            open += stages[index].needs
        }
        return needed
    }

    private mutating func add(_ instruction: Containerfile.Instruction) {
        if instruction.keyword == "FROM" { return begin(instruction) }
        guard let last = stages.indices.last else {
            if instruction.keyword == "ARG" {
                outer.declare(arguments: instruction.rest, given: arguments, outer: nil)
            }
            return
        }
        switch instruction.keyword {
        case "ARG":
            stages[last].variables.declare(
                arguments: instruction.rest, given: arguments, outer: outer)
        case "ENV": stages[last].variables.set(environment: instruction.rest)
        case "COPY", "ADD": copy(instruction, to: last)
        case "RUN":
            for mount in instruction.values(of: "mount") { self.mount(mount, in: last) }
        default: break
        }
    }

    /// `FROM [--platform=…] IMAGE [AS NAME]`.
    private mutating func begin(_ instruction: Containerfile.Instruction) {
        let words = outer.words(instruction.rest)
        let base = words.first.flatMap { outer.expanded($0) }
        let needs = base.map { indices(of: $0, before: stages.count) } ?? Set(stages.indices)
        var stage = Stage(
            variables: ContainerfileVariables(escape: escape, isComplete: base == "scratch"))
        if let base, let text = words.first, needs.isEmpty, base != "scratch" {
            stage.images.insert(ImageMention(text: String(text), reference: base))
        }
        if base != nil, let parent = needs.first { stage.variables = stages[parent].variables }
        stage.needs = needs
        if words.count == 3, words[1].lowercased() == "as" { stage.name = words[2].lowercased() }
        stages.append(stage)
    }

    /// The stage of this name or number; none for an image.
    private func indices(of reference: String, before end: Int) -> Set<Int> {
        let name = reference.lowercased()
        if let index = stages[..<end].lastIndex(where: { $0.name == name }) { return [index] }
        if let index = Int(reference), stages[..<end].indices.contains(index) { return [index] }
        return []
    }

    /// Adds what is copied: files of the context, or of another stage.
    private mutating func copy(_ instruction: Containerfile.Instruction, to index: Int) {
        if let from = instruction.values(of: "from").last { return need(from, in: index) }
        let isList = instruction.rest.hasPrefix("[")
        let list = isList ? try? JSONValue(parsing: instruction.rest).array : nil
        let words = list?.compactMap(\.string) ?? stages[index].variables.words(instruction.rest)
        for word in words.dropLast() where !word.hasPrefix("<<") {
            guard let source = take(word, in: index) else { continue }
            stages[index].use.copied.append(source)
        }
    }

    /// Adds what `--mount=type=bind,source=src,from=…` shows to a command.
    private mutating func mount(_ text: String, in index: Int) {
        var options: [String: String] = [:]
        for option in text.split(separator: ",") {
            let name = option.prefix { $0 != "=" }
            options[name.lowercased()] = String(option.dropFirst(name.count + 1))
        }
        let type = options["type"] ?? "bind"
        guard type == "bind" || type == "cache" else { return }
        stages[index].use.hasMounts = true
        if let from = options["from"] { return need(from, in: index, isMounted: true) }
        if type == "bind" { take(options["source"] ?? options["src"] ?? "", in: index) }
    }

    private mutating func need(_ reference: String, in index: Int, isMounted: Bool = false) {
        let name = stages[index].variables.expanded(reference)
        let needs = name.map { indices(of: $0, before: index) }
        if let name, needs?.isEmpty == true {
            stages[index].images.insert(
                ImageMention(text: reference, reference: name, isMounted: isMounted))
        }
        stages[index].needs.formUnion(needs ?? Set(0..<index))
        if isMounted { stages[index].mounts.formUnion(needs ?? Set(0..<index)) }
    }

    /// Adds a source; returns nil for what is not in the context, or cannot be told.
    @discardableResult
    private mutating func take(_ word: String, in index: Int) -> PathPattern? {
        guard let source = stages[index].variables.expanded(word) else {
            stages[index].use.sources.append(ContextUse.all)
            return nil
        }
        let isRemote = ["http://", "https://", "git://", "ssh://", "git@"].contains {
            source.hasPrefix($0)
        }
        guard !isRemote else { return nil }
        let pattern = PathPattern(source)
        stages[index].use.sources.append(pattern)
        return pattern
    }
}
