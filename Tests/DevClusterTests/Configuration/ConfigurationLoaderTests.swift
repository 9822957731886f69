import ChildProcess
import SystemLibraries
import TestSupport
import Testing

@testable import Settings
@testable import Vocabulary

@Suite struct `Loading the configuration` {
    private let folder: TemporaryFolder
    private let runner = ScriptedRunner()

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("", to: ".git/HEAD")
    }

    private func load(
        _ explicitPath: String? = nil, environment: [String: String] = [:], cache: String? = nil
    ) async throws -> LoadedConfiguration {
        try await ConfigurationLoader(
            runner: runner, environment: environment, cacheFolder: cache
        ).load(explicitPath: explicitPath, workingDirectory: folder.path)
    }

    private func failure(_ explicitPath: String? = nil) async -> DevClusterError? {
        await #expect(throws: DevClusterError.self) { try await load(explicitPath) }
    }

    private func write(_ recording: KubectlRecording, times: Int = 1) throws {
        let path = try folder.write(recording.file, to: "devcluster.yaml")
        guard times > 0 else { return }
        runner.expect(
            "kubectl", ["annotate"], returning: recording.outcome(path: path), times: times)
    }

    @Test func `works without a file`() async throws {
        let result = try await load(environment: ["DEVCLUSTER_NAME": "x"])
        #expect(result.configuration.name.description == "x")
        #expect(result.configuration.file == nil)
        #expect(result.configuration.folder == folder.path)
    }

    @Test func `reads YAML with kubectl, which needs no cluster for it`() async throws {
        try write(.good)
        let result = try await load()
        #expect(result.configuration.name.description == "angzarr")
        #expect(result.configuration.file == folder.file("devcluster.yaml"))
        let call = try #require(runner.calls.first)
        #expect(
            call.arguments == [
                "annotate", "--local", "-f", folder.file("devcluster.yaml"), "-o",
                "jsonpath={@}{\"\\n\"}", "devcluster-read-",
            ])
        #expect(call.environment["KUBECONFIG"] == "/dev/null")
        #expect(call.effect == .reads)
    }

    @Test func `reads JSON itself`() async throws {
        let header = #"{"apiVersion": "devcluster.dev/v1", "kind": "DevCluster""#
        try folder.write(header + #", "spec": {"namespace": "x"}}"#, to: "devcluster.json")
        #expect(try await load().configuration.namespace.description == "x")
        try folder.write("\u{FEFF}" + header + "}", to: "devcluster.json")
        #expect(try await load().configuration.namespace.description == "default")
        try folder.write(" \n", to: "devcluster.json")
        #expect(try await load().warnings.count == 1)
        try folder.write(header + ",}", to: "devcluster.json")
        #expect(
            await failure()?.message == "configuration \(folder.file("devcluster.json")): "
                + "malformed JSON: line 1, column 58: a name in quotes is missing")
        #expect(runner.calls.isEmpty)
    }

    @Test func `takes the file that --config names, from the working directory`() async throws {
        let path = try folder.write(KubectlRecording.good.file, to: "conf/team.conf")
        runner.expect("kubectl", returning: KubectlRecording.good.outcome(path: path))
        let result = try await load("./conf/team.conf")
        #expect(result.configuration.file == path)
        #expect(result.configuration.folder == folder.file("conf"))
        #expect(await failure("")?.message == "the path after --config is empty")
        #expect(
            await failure("gone.yaml")?.message
                == "cannot read the configuration \(folder.file("gone.yaml")): "
                + "no such file or directory")
        #expect(await failure("http://example.com/x.yaml")?.code == .usage)
    }

    @Test func `refuses what is no file, no text or far too large`() async throws {
        #expect(await failure("/dev/null")?.message.contains("not a regular file") == true)
        #expect(await failure(folder.path)?.message.contains("not a regular file") == true)
        try Data([0x61, 0x0A, 0xFF]).write(to: URL(filePath: folder.file("binary.yaml")))
        #expect(await failure("binary.yaml")?.message.contains("not UTF-8 in line 2") == true)
        try folder.write(String(repeating: "#", count: (1 << 20) + 1), to: "large.yaml")
        #expect(await failure("large.yaml")?.message.contains("larger than 1 MiB") == true)
    }

    @Test(arguments: [(ENOENT, DevClusterError.Code.usage), (EMFILE, .failed), (EIO, .failed)])
    func `what the system refuses is no fault of usage`(number: Int32, code: DevClusterError.Code) {
        let error = ConfigurationFile.unreadable("/p/devcluster.yaml", number)
        #expect(error.code == code)
        #expect((error.hint == "allow more open files: ulimit -n 1024") == (number == EMFILE))
    }

    @Test func `says how to get kubectl when it is missing`() async throws {
        try folder.write(KubectlRecording.good.file, to: "devcluster.yaml")
        runner.expect("kubectl", throwing: .notFound)
        let error = await failure()
        #expect(error?.code == .unavailable)
        #expect(error?.message.hasPrefix("kubectl is not installed") == true)
        #expect(error?.hint?.contains("https://kubernetes.io/docs/tasks/tools/") == true)
    }

    @Test func `passes an interruption on, and names a kubectl that hangs`() async throws {
        try folder.write(KubectlRecording.good.file, to: "devcluster.yaml")
        runner.expect("kubectl", throwing: .timedOut)
        #expect(await failure()?.code == .deadline)
        runner.expect("kubectl", throwing: .cancelled)
        let error = await #expect(throws: InvocationError.self) { try await load() }
        #expect(error?.reason == .cancelled)
    }

    @Test func `refuses output of kubectl that is no JSON`() async throws {
        let path = try folder.write(KubectlRecording.good.file, to: "devcluster.yaml")
        runner.expect("kubectl", returning: .ok("{\"kind\":\u{1B}[31m\n"))
        #expect(await failure()?.message == "kubectl printed no JSON for \(path)")
    }

    @Test func `gives an empty file its defaults, with a warning and without kubectl`() async throws
    {
        for recording in [KubectlRecording.empty, .comments] {
            try write(recording, times: 0)
            let result = try await load()
            #expect(result.configuration.name.description == "devcluster")
            #expect(
                result.warnings.first?.hasSuffix("is empty, so every field has its default") == true
            )
        }
    }

    @Test func `shows which of two documents is too much, without kubectl`() async throws {
        try write(.two, times: 0)
        #expect(await failure()?.message.hasSuffix("the second begins in line 4") == true)
        try write(.secondBroken, times: 0)
        #expect(await failure()?.message.hasSuffix("the second begins in line 4") == true)
    }

    @Test(arguments: [
        KubectlRecording.crlf, .byteOrderMark, .onlyHeader, .duplicateKey, .separators, .oneItem,
    ])
    func `accepts what kubectl makes of unusual files`(recording: KubectlRecording) async throws {
        try write(recording)
        #expect(throws: Never.self) { try recording.outcome(path: "").checked() }
        _ = try await load()
    }

    @Test func `shows kubectl's reason with the file's name and line`() async throws {
        let expected: [(KubectlRecording, String, String?)] = [
            (.openBracket, ": line 4: did not find expected ',' or ']'", nil),
            (.openBracketBelowHeader, ": line 7: did not find expected ',' or ']'", nil),
            (.openBracketBelowSeparator, ": line 5: did not find expected ',' or ']'", nil),
            (.openBracketBelowTwoSeparators, ": line 7: did not find expected ',' or ']'", nil),
            (.tab, ": line 4: found character that cannot start any token", "spaces, not tabs"),
            (.indentation, ": line 4: did not find expected key", nil),
            (.openQuote, ": line 4: found unexpected end of stream", nil),
            (.unknownAnchor, ": unknown anchor 'x' referenced", nil),
            (.twoColons, ": mapping values are not allowed in this context", nil),
            (.directive, ": line 1: did not find expected <document start>", "begin with %"),
            (.infinity, ": unsupported value: +Inf", nil),
            (.noSeparator, ": invalid Yaml document separator: foo", nil),
            (.missingKind, ": kind or apiVersion is missing or malformed", "kind: DevCluster"),
            (.malformedVersion, ": kind or apiVersion is missing or malformed", "begin it with"),
            (.missingVersion, ": apiVersion: missing; write apiVersion: devcluster.dev/v1", nil),
            (.numericVersion, ": apiVersion: expected text, found a number", "in quotes"),
            (.numericName, ": metadata.name: expected text, found a number", "in quotes"),
            (.textMetadata, ": metadata: expected an object, found text", nil),
            (.list, ": expected an object, found a list", nil),
            (.scalar, ": expected an object, found text", nil),
        ]
        for (recording, reason, hint) in expected {
            try write(recording)
            let error = await failure()
            #expect(
                error?.message == "configuration \(folder.file("devcluster.yaml"))\(reason)")
            #expect(error?.code == .usage)
            if let hint { #expect(error?.hint?.contains(hint) == true) }
        }
    }

    @Test func `says so when the file is a list of Kubernetes objects`() async throws {
        try write(.listKind)
        #expect(
            await failure()?.message.hasSuffix("is a list, not a devcluster configuration") == true)
    }
}

@Suite struct `The cache of parsed configurations` {
    private let folder: TemporaryFolder
    private let runner = ScriptedRunner()
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = try folder.write(KubectlRecording.good.file, to: "devcluster.yaml")
    }

    private var cache: String { folder.file("state/cache/configuration") }

    private func load() async throws -> LoadedConfiguration {
        try await ConfigurationLoader(runner: runner, environment: [:], cacheFolder: cache)
            .load(explicitPath: path, workingDirectory: folder.path)
    }

    private func expectKubectl(times: Int) {
        runner.expect(
            "kubectl", returning: KubectlRecording.good.outcome(path: path), times: times)
    }

    private func entries() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: cache)
    }

    @Test func `saves kubectl's time for a file that did not change`() async throws {
        expectKubectl(times: 1)
        let first = try await load()
        let second = try await load()
        #expect(first.configuration == second.configuration)
        #expect(second.view == first.view)
        #expect(runner.calls.count == 1)
    }

    @Test func `notices a change that keeps size and time`() async throws {
        expectKubectl(times: 2)
        _ = try await load()
        let times = try FileManager.default.attributesOfItem(atPath: path)
        try folder.write(
            KubectlRecording.good.file.replacing("angzarr", with: "another"), to: "devcluster.yaml")
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: path)
        _ = try await load()
        #expect(runner.calls.count == 2)
    }

    @Test func `is private to the user`() async throws {
        expectKubectl(times: 1)
        _ = try await load()
        let manager = FileManager.default
        func mode(_ path: String) throws -> String {
            "\(try #require(try manager.attributesOfItem(atPath: path)[.posixPermissions]))"
        }
        #expect(try mode(cache) == "\(0o700)")
        let entry = try #require(try entries().first)
        #expect(try mode("\(cache)/\(entry)") == "\(0o600)")
    }

    @Test(arguments: ["", "{", "null", #"{"version": 2}"#, "\u{0}"])
    func `is ignored and replaced when it is damaged`(content: String) async throws {
        expectKubectl(times: 2)
        _ = try await load()
        let entry = try #require(try entries().first)
        try folder.write(content, to: "state/cache/configuration/\(entry)")
        #expect(try await load().configuration.name.description == "angzarr")
        _ = try await load()
        #expect(runner.calls.count == 2)
    }

    @Test func `does not matter when it cannot be written`() async throws {
        try folder.write("a file", to: "state")
        expectKubectl(times: 2)
        _ = try await load()
        #expect(try await load().configuration.name.description == "angzarr")
    }

    @Test func `keeps only the newest entries`() async throws {
        for index in 0..<40 {
            try folder.write("{}", to: "state/cache/configuration/v1-\(index).json")
        }
        try folder.write("{}", to: "state/cache/configuration/v2-newer-binary.json")
        expectKubectl(times: 1)
        _ = try await load()
        _ = try await load()
        #expect(try entries().count == ConfigurationCache.largest + 1)
        #expect(runner.calls.count == 1)
    }
}
