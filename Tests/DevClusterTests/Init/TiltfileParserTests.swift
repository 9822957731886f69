import Testing

@testable import GettingStarted

struct TiltfileParserTests {
    @Test func `literals are read, and what has to be evaluated is unknown`() {
        let parser = TiltfileParser(
            """
            f('a' "b", r'c', 3, ['x', y], {'k': 'v', n: 1}, # no ) here
              name = g("z", deep=True), other=1 + 2, last=\"\"\"long
            text\"\"\")
            """)
        #expect(parser.calls.count == 1)
        let call = parser.calls.first
        #expect(
            call?.positional == [
                .text("ab"), .text("c"), .number(3), .list([.text("x"), .unknown]),
                .dictionary(["k": .text("v")]),
            ])
        #expect(
            call?.named == [
                "name": .call(
                    TiltfileCall(
                        name: "g", positional: [.text("z")], named: ["deep": .unknown])),
                "other": .unknown, "last": .text("long\ntext"),
            ])
    }

    @Test func `only what is called in any case counts`() {
        let parser = TiltfileParser(
            """
            # f('comment')
            x = f('assigned')
            \"\"\"
            f('string')
            \"\"\"
            if x:
              f('condition')
            def g():
                f('function')
            f('here')
            f('method').of()
            """)
        #expect(parser.calls.map(\.positional) == [[.text("here")]])
        #expect(parser.conditional == ["f", "f"])
    }

    @Test(arguments: [
        "f(", "f('", "f(]", "f([}", "f({", "f({'a'", "f({'a': ", "f(a=", "f(\\", "f([1, ,2])",
        "f(,,)",
        "f(((", "\"\"\"", "f('a\nf('b')", "f({]})", "f(a==b)",
    ]) func `a file that is cut or wrong is read to its end`(text: String) {
        #expect(TiltfileParser(text).calls.count <= 2)
        #expect(TiltfileParser(text + "\n\n").conditional.isEmpty)
    }

    @Test(arguments: ["[", "g(", "{'k': ", "g(n=", "[{'k': g("])
    func `brackets in brackets without end are unknown, and take no stack`(text: String) {
        let deep = String(repeating: text, count: 100_000)
        #expect(TiltfileParser("f('a')\nf(\(deep)").calls.first?.positional == [.text("a")])
        let closed = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        let calls = TiltfileParser("f(\(closed), 'b')\nf('c')").calls
        #expect(calls.first?.positional.last == .text("b"))
        #expect(calls.last?.positional == [.text("c")])
    }

    @Test(arguments: [
        ("docker build -t $EXPECTED_REF -f a/Dockerfile --target=x --build-arg K=V .", true),
        ("podman build --file=a/Dockerfile --target x --build-arg K=V --tag $EXPECTED_REF .", true),
        ("docker build -t $EXPECTED_REF $CONTEXT", false), ("make image", false),
        ("docker build -t $EXPECTED_REF . && docker push $EXPECTED_REF", false),
        ("docker build", false), ("", false),
    ]) func `of commands, a build in plain words is understood`(text: String, isBuild: Bool) {
        let command = BuildCommand(text.split(separator: " ").map(String.init))
        #expect((command != nil) == isBuild)
        guard let command else { return }
        #expect(command.context == "." && command.containerfile == "a/Dockerfile")
        #expect(command.target == "x" && command.arguments == ["K": "V"])
    }

    @Test(arguments: [
        ("a${B:-c}d", "acd"), ("${TAG}", "1"), ("$TAG.x", "1.x"), ("$$TAG", "$TAG"), ("${NO}", nil),
        ("${NO-x}${TAG-y}", "x1"), ("${EMPTY:-e}", "e"), ("${EMPTY-e}", ""), ("${TAG", nil),
    ]) func `variables of compose have their default or their value, or none`(
        text: String, expected: String?
    ) {
        let variables = ComposeVariables(environment: "# c\nTAG=\"1\"\nEMPTY=''\nnonsense\n")
        #expect(variables.expanded(text) == expected)
    }
}
