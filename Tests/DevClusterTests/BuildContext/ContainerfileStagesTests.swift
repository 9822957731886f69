import Testing

@testable import Images
@testable import Vocabulary

struct ContainerfileStagesTests {
    private func use(
        _ text: String, target: String? = nil, _ arguments: [String: String] = [:]
    ) -> ContextUse {
        ContainerfileStages(Containerfile(text), arguments: arguments).use(target: target)
    }

    /// Which of these names the build takes in.
    private func taken(
        _ text: String, target: String? = nil, _ arguments: [String: String] = [:]
    ) -> [String] {
        let sources = use(text, target: target, arguments).sources
        return ["a", "b", "c", "src/main.go", "with space"].filter { path in
            sources.contains { $0.covers(path.split(separator: "/").map(String.init)) }
        }
    }

    @Test(arguments: [
        ("FROM x\nCOPY a b /to/", ["a", "b"]),
        ("FROM x\nCOPY --chown=1:1 --chmod=755 a /to/", ["a"]),
        ("FROM x\nCOPY [\"with space\", \"a\", \"/to/\"]", ["a", "with space"]),
        ("FROM x\nCOPY \"with space\" /to/", ["with space"]),
        ("FROM x\nCOPY with\\ space /to/", ["with space"]),
        ("FROM x\nCOPY ./src/ /to/", ["src/main.go"]),
        ("FROM x\nCOPY /src/*.go /to/", ["src/main.go"]),
        ("FROM x\nCOPY ../../a /to/", ["a"]),
        ("FROM x\nADD https://example.com/a a git@example.com:b.git /to/", ["a"]),
        ("FROM x\nCOPY <<EOF a /to/\nb\nEOF", ["a"]),
        ("FROM x\nONBUILD COPY a /to/", ["a"]),
        ("FROM x\nCOPY . /to/", ["a", "b", "c", "src/main.go", "with space"]),
        ("FROM x\nRUN --mount=type=bind,source=a,target=/a make", ["a"]),
        ("FROM x\nRUN --mount=target=/a,src=src make", ["src/main.go"]),
        (
            "FROM x\nRUN --mount=type=bind,target=/a make",
            ["a", "b", "c", "src/main.go", "with space"]
        ),
        ("FROM x\nRUN --mount=type=secret,id=a make", []),
        ("FROM x\nRUN --mount==,=x,type=secret,== make", []),
        ("FROM x\nRUN make a b", []),
    ]) func `what is copied from the context counts`(text: String, names: [String]) {
        #expect(taken(text) == names)
    }

    private let stages = """
        FROM golang AS Deps
        COPY a /
        FROM deps AS build
        COPY b /
        FROM node AS web
        COPY c /
        FROM scratch
        COPY --from=build /out /out
        """

    @Test func `only the stages that the target needs count`() {
        #expect(taken(stages) == ["a", "b"])
        #expect(taken(stages, target: "WEB") == ["c"])
        #expect(taken(stages, target: "0") == ["a"])
        #expect(taken(stages + "\nCOPY --from=2 /w /w") == ["a", "b", "c"])
        #expect(taken(stages + "\nRUN --mount=type=bind,from=web,target=/w x") == ["a", "b", "c"])
    }

    @Test func `an image that is no stage brings nothing of the context`() {
        #expect(taken("FROM x AS one\nCOPY a /\nFROM y\nCOPY --from=docker.io/b /b /b") == [])
    }

    @Test func `a stage named by a variable is the one it means`() {
        let text = "ARG KIND=one\nFROM x AS one\nCOPY a /\nFROM x AS two\nCOPY b /\nFROM ${KIND}"
        #expect(taken(text) == ["a"])
        #expect(taken(text, ["KIND": "two"]) == ["b"])
        #expect(taken(text.replacing("ARG KIND=one\n", with: "")) == ["a", "b"])
    }

    @Test(arguments: [
        ("FROM x\nARG N=a\nCOPY $N /", ["a"]),
        ("FROM x\nARG GIVEN=c\nCOPY ${GIVEN} /", ["b"]),
        ("ARG N=a\nFROM x\nARG N\nCOPY ${N} /", ["a"]),
        ("ARG GIVEN=a\nFROM x\nARG GIVEN\nCOPY ${GIVEN} /", ["b"]),
        ("FROM x\nENV D=src M=main\nCOPY $D/$M.go /", ["src/main.go"]),
        ("FROM x\nENV D src\nCOPY ${D} /", ["src/main.go"]),
        ("FROM x\nENV D=a\nFROM x AS two\nENV D=c\nCOPY ${D:-b} /", ["c"]),
        ("FROM scratch\nCOPY ${D:-b} /", ["b"]),
        ("FROM x\nENV D=1\nCOPY ${D:+c} '$D' /", ["c"]),
        ("FROM scratch AS one\nENV D=c\nFROM one\nCOPY $D /", ["c"]),
    ]) func `variables are replaced`(text: String, names: [String]) {
        #expect(taken(text, ["GIVEN": "b"]) == names)
    }

    @Test(arguments: [
        "FROM x\nCOPY $WHERE /", "FROM x\nARG TARGETARCH\nCOPY a-$TARGETARCH /",
        "FROM scratch\nENV D=a\nCOPY ${D#x} /", "FROM x\nENV D=$E\nCOPY $D /",
    ]) func `a source that only the builder can know stands for the whole context`(text: String) {
        #expect(taken(text).count == 5)
    }

    @Test(arguments: [
        ("FROM x\nRUN --mount=type=cache,target=/c make", true),
        ("FROM x\nRUN --mount=type=bind,target=/c make", true),
        ("FROM x\nRUN --mount=type=secret,id=k make", false),
        ("FROM x\nRUN make", false),
        ("FROM x AS one\nRUN --mount=type=cache,target=/c make\nFROM y", false),
        ("FROM x AS one\nRUN --mount=type=cache,target=/c make\nFROM y\nCOPY --from=one / /", true),
    ]) func `mounts of needed stages are known`(text: String, expected: Bool) {
        #expect(use(text).hasMounts == expected)
    }

    @Test(arguments: ["", "COPY a b", "FROM", "FROM x\nCOPY", "FROM x\nCOPY --from= a b", "CMD x"])
    func `what is no build takes nothing in`(text: String) {
        #expect(taken(text) == [])
    }
}
