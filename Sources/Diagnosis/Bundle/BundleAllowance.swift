import Vocabulary

/// What may stay of a JSON document: each value by its place, and all else goes.
indirect enum BundleAllowance: Sendable, ExpressibleByDictionaryLiteral {
    /// A value of this shape.
    case value(BundleShape)
    /// Members of these names.
    case members([String: BundleAllowance])
    /// Members of any name that has this shape.
    case named(BundleShape, BundleAllowance)
    /// Every element of a list.
    case each(BundleAllowance)

    init(dictionaryLiteral elements: (String, BundleAllowance)...) {
        self = .members(Dictionary(elements) { _, last in last })
    }

    static let number = BundleAllowance.value(.number)
    static let flag = BundleAllowance.value(.flag)
    static let name = BundleAllowance.value(.name)
    static let title = BundleAllowance.value(.title)
    static let image = BundleAllowance.value(.image)
    static let digest = BundleAllowance.value(.digest)
    static let time = BundleAllowance.value(.time)
    static let address = BundleAllowance.value(.address)
    static let prose = BundleAllowance.value(.prose)

    /// The document with what is allowed; nil where nothing of it is.
    func kept(_ value: JSONValue, _ words: BundleWords) -> JSONValue? {
        switch (self, value) {
        case (.value(let shape), _): return shape.kept(value, words)
        case (.members(let allowed), .object(let members)):
            var kept: [String: JSONValue] = [:]
            for (name, allowance) in allowed {
                if let member = members[name] { kept[name] = allowance.kept(member, words) }
            }
            return .object(kept)
        case (.named(let shape, let allowance), .object(let members)):
            var kept: [String: JSONValue] = [:]
            for (name, member) in members where shape.kept(name, words) == name {
                kept[name] = allowance.kept(member, words)
            }
            return .object(kept)
        case (.each(let allowance), .array(let elements)):
            return .array(elements.compactMap { allowance.kept($0, words) })
        default: return nil
        }
    }
}
