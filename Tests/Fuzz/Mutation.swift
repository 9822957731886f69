import Foundation

/// Changes texts in the ways in which tools, servers and people get them wrong.
struct Mutation: Sendable {
    /// What is put in beside the words of the target.
    private static let words: [[UInt8]] = [
        "", "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
        "99999999999999999999999999", "1e300", "-1e300", "1e-300", "0.5", "nan", "inf", "null",
        "true", "{}", "[]", "\"\"", "\"", "'", "\\", "\\u0000", "\\ud800", "/", "//", ":", "::",
        "|", ",", "=", "@", "*", "**", "**/", "?", "[", "]", "[^", "-", "..", "../", ".", " ",
        "  ", "\t", "\n", "\r", "\r\n", "\n\n", "\0", "\u{1B}[31m", "\u{7F}", "\u{FEFF}", "é", "🇩🇪",
        "e\u{301}", "👩‍👩‍👧", "\u{202E}", "٣", "𝟗", "$", "${", "${A:-", "}", "<<EOF", "#", "!",
        "sha256:", "localhost:5001/", "2026-01-02T03:04:05Z", "99999-01-01T00:00:00Z",
        "0000-00-00T00:00:00Z",
    ].map { Array($0.utf8) }

    /// Bytes that a text may have at most; one of a thousand may be larger.
    private static let usual = 16 << 10
    private static let largest = 256 << 10

    let corpus: [[UInt8]]
    let words: [[UInt8]]
    private let documents: DocumentMutation

    init(corpus: [Data], words: [String] = []) {
        self.corpus = corpus.map { Array($0.prefix(Mutation.usual)) }
        self.words = Mutation.words + words.map { Array($0.utf8) }
        documents = DocumentMutation(corpus)
    }

    /// A text of the corpus, changed in up to eight places, or a document that is one still.
    func text(_ random: inout FuzzRandom) -> Data {
        if random.isOne(in: 2), let document = documents.text(&random) { return document }
        var bytes = random.pick(corpus) ?? []
        let limit = random.isOne(in: 1000) ? Mutation.largest : Mutation.usual
        for _ in 0..<random.below(9) {
            change(&bytes, &random, limit)
            if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
        }
        return Data(bytes)
    }

    private func change(_ bytes: inout [UInt8], _ random: inout FuzzRandom, _ limit: Int) {
        let place = random.below(bytes.count + 1)
        let end = min(bytes.count, place + random.below(1 + min(64, bytes.count - place)))
        switch random.below(10) {
        case 0: if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
        case 1, 2: bytes.insert(contentsOf: random.pick(words) ?? [], at: place)
        case 3: bytes.replaceSubrange(place..<end, with: random.pick(words) ?? [])
        case 4: bytes.removeSubrange(place..<end)
        case 5: replaceNumber(&bytes, &random, from: place)
        case 6: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 7: repeatWord(&bytes, &random, at: place, limit)
        case 8: splice(&bytes, &random, at: place)
        default: bytes.removeSubrange(place...)
        }
    }

    /// Puts another number in the place of the next one.
    private func replaceNumber(
        _ bytes: inout [UInt8], _ random: inout FuzzRandom, from place: Int
    ) {
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: Mutation.words[1 + random.below(12)])
    }

    /// Puts a word in many times, which shows what grows faster than the text.
    private func repeatWord(
        _ bytes: inout [UInt8], _ random: inout FuzzRandom, at place: Int, _ limit: Int
    ) {
        let word = random.pick(words) ?? []
        guard !word.isEmpty else { return }
        let count = 1 + random.below(min(limit / word.count, random.isOne(in: 20) ? limit : 40))
        bytes.insert(contentsOf: Array(repeatElement(word, count: count).joined()), at: place)
    }

    /// Goes on with the rest of another text.
    private func splice(_ bytes: inout [UInt8], _ random: inout FuzzRandom, at place: Int) {
        guard let other = random.pick(corpus) else { return }
        bytes.replaceSubrange(place..., with: other[random.below(other.count + 1)...])
    }
}
