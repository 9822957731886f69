import Testing

@testable import Images

struct ContainerfileTests {
    private func lines(_ text: String) -> [String] {
        Containerfile(text).instructions.map { "\($0.keyword) \($0.rest)" }
    }

    @Test func `comments and empty lines are no instructions, also between continued lines`() {
        let text = """
            # a comment

            from busybox
            RUN one && \\
              # why two
              two \\

              three
            """
        #expect(lines(text) == ["FROM busybox", "RUN one &&   two   three"])
    }

    @Test func `a directive changes the character that continues lines`() {
        let text = "# syntax=docker/dockerfile:1\n# escape=`\nCOPY a`\n b c:\\\nRUN x\n"
        #expect(lines(text) == ["COPY a b c:\\", "RUN x"])
    }

    @Test func `a directive after the first instruction is a comment`() {
        #expect(lines("FROM a\n# escape=`\nRUN x \\\n y") == ["FROM a", "RUN x  y"])
    }

    @Test func `what a here-document holds is no instruction`() {
        let text = """
            RUN <<EOF sh
            COPY not this
            EOF
            COPY <<-"one" <<two /etc/
            \tFROM nothing
            \tone
            ADD nothing
            two
            CMD ["x"]
            """
        #expect(lines(text) == ["RUN <<EOF sh", "COPY <<-\"one\" <<two /etc/", "CMD [\"x\"]"])
    }

    @Test func `a shift in a command begins no document`() {
        #expect(lines("RUN echo $((x <<2 ))\nCMD x") == ["RUN echo $((x <<2 ))", "CMD x"])
    }

    @Test func `flags stand apart from what they are about`() throws {
        let file = Containerfile("COPY --from=build --link --chown=1:2 --mount=a=b,c /x /y")
        let copy = try #require(file.instructions.first)
        #expect(copy.rest == "/x /y")
        #expect(copy.values(of: "from") == ["build"])
        #expect(copy.values(of: "link") == [""])
        #expect(copy.values(of: "mount") == ["a=b,c"])
    }

    @Test func `Windows line ends, a byte order mark and a missing last newline do no harm`() {
        #expect(lines("\u{FEFF}FROM a\r\nRUN x \\\r\n  y") == ["FROM a", "RUN x   y"])
    }

    @Test(arguments: ["", "#", "\\", "FROM", "COPY --", "RUN <<", "\u{0}\u{1B}[0m", "a\\\n"])
    func `nonsense is read without complaint`(text: String) {
        #expect(Containerfile(text).instructions.count <= 1)
    }
}
