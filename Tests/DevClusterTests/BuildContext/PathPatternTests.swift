import Testing

@testable import Images
@testable import Vocabulary

struct PathPatternTests {
    private func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }

    @Test(arguments: [
        ("a", "a", true), ("a", "b", false), ("a", "a/b", true), ("a/b", "a", false),
        ("./a/", "a/b/c", true), ("/a", "a", true), ("a/../b", "b", true), ("../a", "a", true),
        ("*.go", "main.go", true), ("*.go", "src/main.go", false), ("*.go", "x.go/y", true),
        ("**/*.go", "src/main.go", true), ("**/*.go", "main.go", true), ("a/**", "a/b/c", true),
        ("a/**/c", "a/c", true), ("a/**/c", "a/b/b/c", true), ("a/**/c", "b/c", false),
        ("**.log", "x/y.log", true), ("**", "a/b", true), ("?", "ab", false), ("a?", "ab", true),
        ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[^a-c]x", "dx", true),
        ("[]]x", "]x", true), ("a[b", "a[b", false), ("a\\*", "a*", true), ("a\\*", "ab", false),
        ("arr[[]0]", "arr[0]", true), ("*a*b*", "xaxbx", true), ("*a*b*", "xbxax", false),
        ("", "a/b", true), (".", "a", true),
    ]) func `a pattern means a path and what is in it`(pattern: String, path: String, is: Bool) {
        #expect(PathPattern(pattern).covers(parts(path)) == `is`)
    }

    @Test(arguments: [
        ("a/b", "a", true), ("a/b", "c", false), ("a", "a", false), ("**/x", "any/where", true),
        ("*/x", "a", true), ("*/x", "a/b", false), ("a/*.go", "a", true),
    ]) func `a pattern reaches into the folders on its way`(
        pattern: String, folder: String, is: Bool
    ) {
        #expect(PathPattern(pattern).reachesInto(parts(folder)) == `is`)
    }

    @Test func `a literal path means just itself`() {
        #expect(PathPattern(literal: ["a*", "[b]"]).matches(["a*", "[b]"]))
        #expect(!PathPattern(literal: ["a*"]).matches(["ab"]))
    }

    // Rules and answers of docker's documentation of .dockerignore.
    @Test(arguments: [
        ("*/temp*", "dir/temporary.txt", true), ("*/temp*", "temporary.txt", false),
        ("*/*/temp*", "a/b/temporary.txt", true), ("temp?", "tempa", true),
        ("*.md\n!README.md", "README.md", false), ("*.md\n!README.md", "x.md", true),
        ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true),
        ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false),
        ("# x\n\n  out/  \n", "out/a", true), ("/out", "out", true), (".", "a", false),
        ("**\n!src", "src/a", false), ("**\n!src", "other", true), ("! keep\nkeep", "keep", true),
    ]) func `the last rule that means a path decides`(rules: String, path: String, is: Bool) {
        #expect(IgnoreRules(rules).ignores(parts(path)) == `is`)
    }

    @Test func `an ignored folder is looked into only where something is taken back`() {
        let rules = IgnoreRules("out\n!out/keep/*.txt\nlogs")
        #expect(!rules.ignoresAll(in: ["out"]))
        #expect(!rules.ignoresAll(in: ["out", "keep"]))
        #expect(rules.ignoresAll(in: ["out", "other"]))
        #expect(rules.ignoresAll(in: ["logs"]))
    }
}
