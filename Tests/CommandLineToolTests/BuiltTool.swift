import ChildProcess
import Foundation
import TestSupport
import Testing
import Vocabulary

/// The built executable, in an environment that holds nothing of the machine's.
struct BuiltTool {
    /// Home, state and configuration of one test.
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        // Here the search for a configuration ends.
        try folder.write("", to: "project/.git")
        try folder.write("", to: "bin/.keep")
    }

    /// Puts a program into the only folder of its `PATH`.
    func install(_ name: String, _ script: String) throws {
        try folder.write("#!/bin/sh\n" + script, to: "bin/\(name)", mode: 0o700)
    }

    /// Writes a file into the working directory.
    func write(_ text: String, to name: String) throws {
        try folder.write(text, to: "project/\(name)")
    }

    /// Runs it in `project`.
    func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await run(arguments, environment: environment)
    }

    /// Runs it in `project`.
    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
        var variables = [
            "PATH": folder.file("bin"), "HOME": folder.file("home"),
            "DEVCLUSTER_STATE": folder.file("state"),
        ]
        variables.merge(environment) { $1 }
        let words = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return try await SystemRunner().run(
            Invocation(
                "/usr/bin/env", ["-i"] + words + [ExecutableUnderTest.path] + arguments,
                directory: folder.file("project"), deadline: .seconds(600)))
    }
}

extension Outcome {
    /// The lines of standard output as JSON.
    var jsonLines: [JSONValue] {
        get throws {
            try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        }
    }
}
