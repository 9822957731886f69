import StateFiles
import SystemLibraries

/// The words of a sentence that may stay in the bundle: those that tools and this program use,
/// short numbers, versions, times, and names that the bundle tells anyway.
///
/// An allow-list: whatever a sentence holds beside them, however it is marked, becomes `…`.
struct BundleWords: Sendable {
    /// Names that may stay, as of nodes and of the registry.
    let names: Set<String>

    init(names: some Sequence<String>) {
        self.names = Set(names.filter { !BundleShape.isSecret($0) })
    }

    /// Characters of a line that are looked at.
    private static let limit = 600

    /// The sentence, with `…` for everything that is not known.
    func prose(_ text: String) -> String {
        var result = ""
        var word = ""
        func end() {
            guard !word.isEmpty else { return }
            let isKnown = allows(word)
            if isKnown || !result.hasSuffix("…") { result += isKnown ? word : "…" }
            word = ""
        }
        for character in text.prefix(BundleWords.limit) {
            if character.isWhitespace || BundleWords.punctuation.contains(character) {
                end()
                result.append(character.isWhitespace ? " " : character)
            } else {
                word.append(character)
            }
        }
        end()
        return result
    }

    private static let punctuation: Set<Character> = Set("\"'()[]{},;=<>|`")

    private func allows(_ word: String) -> Bool {
        if names.contains(word) { return true }
        let core = word.drop { "-.:/".contains($0) }
        let end = core.lastIndex { !"-.:/!?".contains($0) }
        guard let end else { return true }
        let text = String(core[...end])
        return names.contains(text) || BundleVocabulary.words.contains(text.lowercased())
            || isNumber(text) || isTime(text)
    }

    /// A number of three digits at most with a unit or without, or a version.
    private func isNumber(_ text: String) -> Bool {
        let plain = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let digits = plain.prefix { "0123456789.".contains($0) }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        return (1...4).contains(parts.count) && parts.allSatisfy { (1...3).contains($0.count) }
            && ["", "s", "ms", "m", "h", "%", "MiB", "GiB", "KiB", "MB", "GB", "kB"]
                .contains(String(plain[digits.endIndex...]))
    }

    private func isTime(_ text: String) -> Bool {
        text.count >= 20 && text.first?.isNumber == true && Date(timestamp: text) != nil
    }
}
