import Spelling
import Testing

@Suite struct `Closest match` {
    static let commands = ["deploy", "delete", "status", "logs", "image", "up"]

    @Test(
        arguments: [
            ("depoly", "deploy"), ("delte", "delete"), ("DEPLOY", "deploy"), ("Stauts", "status"),
            ("log", "logs"), ("lgos", "logs"), ("imgae", "image"), ("statuss", "status"),
        ])
    func `a misspelt word finds what was meant`(word: String, expected: String) {
        #expect(closestMatch(to: word, in: Self.commands) == expected)
    }

    @Test(arguments: ["x", "", "kubernetes", "run", "xyzzy", "d"])
    func `a word unlike any other finds nothing`(word: String) {
        #expect(closestMatch(to: word, in: Self.commands) == nil)
    }

    @Test func `the beginning of a word counts, however much is left out`() {
        #expect(
            closestMatch(to: "name", in: ["unique-tag", "namespace-of-it"]) == "namespace-of-it")
    }

    @Test func `of two beginnings the shorter word is meant`() {
        #expect(closestMatch(to: "de", in: ["deployment", "debug"]) == "debug")
    }

    @Test func `of two equally near words the earlier is meant`() {
        #expect(closestMatch(to: "bat", in: ["cat", "rat"]) == "cat")
    }

    @Test func `a short word is not replaced by another short word`() {
        #expect(closestMatch(to: "ls", in: ["rm", "cp"]) == nil)
    }

    @Test func `swapped neighbours are one mistake, not two`() {
        #expect(closestMatch(to: "ab", in: ["ba"]) == "ba")
    }

    @Test func `distance over three is never near`() {
        #expect(closestMatch(to: "abcdefghijklmnop", in: ["abcdefghijkl1234"]) == nil)
        #expect(closestMatch(to: "abcdefghijklmnop", in: ["abcdefghijklm123"]) != nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a megabyte is dismissed at once`() {
        let word = String(repeating: "a", count: 1 << 20)
        #expect(closestMatch(to: word, in: Self.commands + [word]) == nil)
    }

    @Test func `empty candidates are harmless`() {
        #expect(closestMatch(to: "a", in: ["", "b"]) == nil)
        #expect(closestMatch(to: "abc", in: []) == nil)
    }
}
