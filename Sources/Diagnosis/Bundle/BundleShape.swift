import StateFiles
import SystemLibraries
import Vocabulary

/// What a value has to look like to stay in the bundle.
enum BundleShape: Sendable {
    /// A number, or a quantity such as `16Gi`.
    case number
    /// `true` or `false`.
    case flag
    /// One word, as names, versions, states and reasons are.
    case name
    /// A few such words, as the name of an operating system.
    case title
    /// An image reference, or an image's digest.
    case image
    /// A digest, a commit or a container's ID.
    case digest
    /// A time.
    case time
    /// An IP address, with a port or a prefix length, or a URL of a host and nothing more.
    case address
    /// One of these, and nothing else.
    case oneOf(Set<String>)
    /// Sentences of tools: words that everybody uses, and names that are told elsewhere.
    case prose

    /// The value where it has this shape, else nil.
    func kept(_ value: JSONValue, _ words: BundleWords) -> JSONValue? {
        switch (self, value) {
        case (.flag, .bool), (.number, .integer), (.number, .unsigned), (.number, .number):
            return value
        case (_, .string(let text)):
            return kept(text, words).map { JSONValue.string($0) }
        default: return nil
        }
    }

    /// The text where it has this shape, else nil; of sentences what everybody may know.
    func kept(_ text: String, _ words: BundleWords) -> String? {
        if case .prose = self { return words.prose(text) }
        guard text.utf8.count <= 253 else { return nil }
        let fits: Bool =
            switch self {
            case .prose: false
            case .flag: ["true", "false"].contains(text)
            case .number: BundleShape.isQuantity(text)
            case .name: BundleShape.isName(text) && !BundleShape.isSecret(text)
            case .title:
                text.split(separator: " ").allSatisfy { BundleShape.isTitle($0) }
                    && !BundleShape.isSecret(text)
            case .image: BundleShape.isDigest(text) || BundleShape.isImage(text)
            case .digest: BundleShape.isDigest(text)
            case .time: Date(timestamp: text) != nil
            case .address: BundleShape.isAddress(text)
            case .oneOf(let known): known.contains(text)
            }
        return fits ? text : nil
    }

    private static func isQuantity(_ text: String) -> Bool {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text[digits.endIndex...]
        return !digits.isEmpty && digits.count <= 20 && unit.count <= 2
            && unit.allSatisfy { "kKMGTPEim%".contains($0) }
    }

    private static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                isAlphanumeric(byte) || "-._:/+".utf8.contains(byte)
            }
    }

    private static func isTitle(_ word: Substring) -> Bool {
        isName(word.filter { !"()".contains($0) })
    }

    private static func isImage(_ text: String) -> Bool {
        guard let reference = try? ImageReference(text) else { return false }
        // The digest is long because it has to be.
        let name = text.prefix { $0 != "@" }
        return (reference.digest == nil || name.count < text.count)
            && isName(name) && !isSecret(String(name))
    }

    private static func isDigest(_ text: String) -> Bool {
        let hex = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
        return (7...64).contains(hex.utf8.count) && hex.utf8.allSatisfy { isHexadecimal($0) }
    }

    private static func isAddress(_ text: String) -> Bool {
        var rest = text[...]
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
            return isName(rest.dropFirst(scheme.count)) && !rest.dropFirst(8).contains("/")
        }
        if let slash = rest.lastIndex(of: "/") { rest = rest[..<slash] }
        return rest.contains { ".:".contains($0) }
            && text.utf8.allSatisfy { isHexadecimal($0) || ".:/[]".utf8.contains($0) }
    }

    /// Whether a text looks like a password or token, wherever it stands.
    static func isSecret(_ text: String) -> Bool {
        for part in text.split(whereSeparator: { "/:=@, ".contains($0) }) {
            if prefixes.contains(where: { part.hasPrefix($0) }) { return true }
        }
        if let scheme = text.firstRange(of: "://"),
            text[scheme.upperBound...].prefix(while: { $0 != "/" }).contains("@")
        {
            return true
        }
        return runs(of: text).contains { isRandom($0) }
    }

    /// What tokens of well-known services begin with, and JSON Web Tokens.
    private static let prefixes = [
        "eyJ", "ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA",
        "ASIA", "npm_", "dckr_pat_", "sk-", "sk_live", "Bearer", "Basic",
    ]

    private static func runs(of text: String) -> [Substring.UTF8View] {
        text.utf8.split { !isAlphanumeric($0) && !"+_=".utf8.contains($0) }
    }

    /// Long, or of a length at which letters of both cases between digits are no name.
    private static func isRandom(_ run: Substring.UTF8View) -> Bool {
        if run.count >= 40 { return true }
        guard run.count >= 16 else { return false }
        let hasDigit = run.contains { (48...57) ~= $0 }
        let hasUpper = run.contains { (65...90) ~= $0 }
        let hasLower = run.contains { (97...122) ~= $0 }
        return hasDigit && (hasUpper && hasLower || run.count >= 24)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57) ~= byte || (65...90) ~= byte || (97...122) ~= byte
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (48...57) ~= byte || (97...102) ~= byte
    }
}
