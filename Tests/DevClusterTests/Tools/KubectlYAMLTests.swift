import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

struct KubectlYAMLTests {
    @Test func `without kubectl the error says how to get one`() async throws {
        let runner = ScriptedRunner()
        runner.expect("kubectl", throwing: .notFound)
        let error = await #expect(throws: DevClusterError.self) {
            try await KubectlYAML(runner: runner).read(["a: 1"])
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message == "kubectl is not installed, and YAML is read with it")
    }

    @Test func `nothing is run where there is nothing to read`() async throws {
        let read = try await KubectlYAML(runner: ScriptedRunner()).read(["", "# only\n---\n"])
        #expect(read == [[], []])
    }
}

@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct `Any YAML through kubectl` {
    private func read(_ texts: String...) async throws -> [[JSONValue]?] {
        try await KubectlYAML(runner: SystemRunner()).read(texts)
    }

    @Test func `is the same as by itself: anchors, block scalars, documents, directives`()
        async throws
    {
        let text = """
            %YAML 1.1
            ---
            base: &base {restart: always}
            services:
              web:
                <<: *base
                command: |
                  one
                    two

                  three
                text: >2-
                    folded
                  again
            - not: a document
            """.replacing("- not: a document", with: "list:\n- 1\n- a: b\n  c: d")
            + "\n...\n--- {flow: [\n1,\n2\n]}\n---\n# nothing\n---\n- x\n- 'y\n\n  z'\n---\n\"text\"\n"
        let read = try await read(text)
        #expect(
            read == [
                [
                    [
                        "base": ["restart": "always"], "list": [1, ["a": "b", "c": "d"]],
                        "services": [
                            "web": [
                                "restart": "always", "command": "one\n  two\n\nthree\n",
                                "text": "  folded\nagain",
                            ]
                        ],
                    ],
                    ["flow": [1, 2]], ["x", "y\nz"], "text",
                ]
            ])
    }

    @Test func `that is broken is nothing, and what is beside it is read all the same`()
        async throws
    {
        let read = try await read(
            "a: 1", "b: [", "c: 1\n---\n{{ x }}", "d: !reset []", "e: *nowhere", "\tf: 1",
            "g: 1\r\nh: 2\r\n",
            "i: 1\u{2028}---\u{2028}kind: Y")
        #expect(read.count == 8)
        #expect(read[0] == [["a": 1]])
        #expect(read[1] == nil && read[2] == nil && read[4] == nil)
        #expect(read[3] == [["d": []]])
        #expect(read[6] == [["g": 1, "h": 2]])
    }

    @Test func `cannot leave the field that it is read in`() async throws {
        let read = try await read("a: 1\nkind: Secret\nmetadata:\n  name: z", "x: {}\n}\nkind: Z")
        #expect(read[0] == [["a": 1, "kind": "Secret", "metadata": ["name": "z"]]])
        #expect(read[1] == nil)
    }
}
