/// Text that some program has to fill in before it is a manifest: `${REGISTRY}/web:${TAG}`.
struct Placeholder: Sendable, Equatable {
    let text: String
    /// Variables of the environment, in order; none where a template's action stands.
    let variables: [String]

    /// Nil for text that is complete.
    init?(_ text: String) {
        variables = Placeholder.variables(in: text)
        guard !variables.isEmpty || text.contains("{{") else { return nil }
        self.text = text
    }

    /// The names in `$NAME` and `${NAME}`, as envsubst knows them.
    static func variables(in text: String) -> [String] {
        var names: [String] = []
        for match in text.matches(of: /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/)
        {
            let name = String(match.1 ?? match.2 ?? "")
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// What a variable of an image's reference may stand for, by its place in it.
    ///
    /// - Parameters:
    ///   - registry: where images of ours are.
    ///   - image: the name of the only one.
    func value(of variable: String, registry: String, image: String?) -> String? {
        for form in ["${\(variable)}", "$\(variable)"] where text.contains(form) {
            if text == form { return image }
            if text.hasPrefix(form + "/") { return registry }
            if text.contains(":" + form) { return "dev" }
            if text.contains("/" + form) { return image }
        }
        return nil
    }
}
