import Vocabulary

/// The error for links that lead out of the contexts of images, and what to do about each.
struct ContextLinksError {
    private var messages: [String] = []
    private var hints: [String] = []

    /// Adds what was found in the context of an image.
    ///
    /// - Parameter base: absolute path of the configuration's folder, without links.
    mutating func add(
        _ links: [ContextLinks.Link], of image: String, context: String, containerfile: String,
        base: String
    ) {
        let place = FilePaths.relative(context, to: base)
        for link in links {
            let path = place == "." ? link.path : "\(place)/\(link.path)"
            messages.append(
                "\(ShownText.line(path)) leads out of the context of image '\(image)'"
                    + (link.returns ? " and back" : "") + ", to \(ShownText.line(link.target))")
            hints.append(
                link.returns
                    ? Self.shortcut(link, path: path, context: context)
                    : Self.cure(
                        link, place: place, context: context, containerfile: containerfile,
                        base: base))
        }
    }

    /// All of it in one error; nil when there is nothing.
    var error: DevClusterError? {
        guard !messages.isEmpty else { return nil }
        var different: [String] = []
        for hint in hints where !different.contains(hint) { different.append(hint) }
        return DevClusterError(
            .usage, messages.joined(separator: "\n"), hint: different.joined(separator: "\n      "))
    }

    /// A link that stays inside.
    private static func shortcut(_ link: ContextLinks.Link, path: String, context: String)
        -> String
    {
        let folder = ConfigurationPath.parent(of: "\(context)/\(link.path)")
        let target = FilePaths.relative(link.target, to: folder)
        return "let it stay inside: ln -sfn \(ShownText.line(target)) \(ShownText.line(path))"
    }

    /// A context above both.
    private static func cure(
        _ link: ContextLinks.Link, place: String, context: String, containerfile: String,
        base: String
    ) -> String {
        let above = FilePaths.common(context, link.target)
        let copy = "put what it leads to into \(place == "." ? "the context" : place) itself"
        // A whole disk is no context.
        guard above != "/" else { return copy }
        let names = [
            FilePaths.relative(above, to: base), FilePaths.relative(containerfile, to: base),
            FilePaths.relative("\(context)/x", to: above).dropLast() + "…",
            FilePaths.relative(link.target, to: above),
        ].map { ShownText.line($0) }
        return "give the image a context above both (context: \(names[0]), containerfile:"
            + " \(names[1])), where COPY and ADD name everything from there (\(names[2]),"
            + " \(names[3])), or \(copy)"
    }
}
