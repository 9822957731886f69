import Foundation

@testable import ChildProcess
@testable import Diagnosis
@testable import Tools
@testable import Vocabulary

extension FuzzTarget {
    /// What a tool repeats of a secret input: none of its words may stay.
    static let redaction = reading(
        "redaction",
        Samples.files("curl-7.88.1-get-401", "kubectl-1.32.4-port-forward")
            + Samples.texts([
                "> Authorization: Bearer PLANTED-0123456789\n< 401\ncurl: (22) PLANTED-0123456789",
                "https://user:PLANTED-0123456789@host/ PLANTED-PLANTED-0123456789PLANTED-01",
            ]),
        words: ["PLANTED-0123456789", "PLANTED-01", "PLANT", "\r", "UExBTlRFRC0wMTIzNDU2Nzg5"]
    ) { data, random in
        let word = "PLANTED-0123456789" + String(random.below(100))
        let lines = (0..<random.below(40)).map { "header = \"X-\($0): \(word)\($0)\"" }
        let secret = Data(
            (lines + ["header = \"Authorization: Bearer \(word)\""]).joined(separator: "\n").utf8)
        let printed = data.text.replacing("PLANTED-0123456789", with: word)
        let shown = Invocation.Input.secret(secret).redacting(Data(printed.utf8)).text
        guard !shown.contains(word) else { throw FuzzFailure("the secret is still there") }
        let error = InvocationError(
            .failed(.code(1)), Invocation("curl", [], input: .secret(secret)),
            errorOutput: Data(printed.utf8))
        let tail = error.tail
        guard !tail.contains(word), tail.utf8.count <= 4200 else {
            throw FuzzFailure("the last words are wrong: \(tail.utf8.count) bytes")
        }
        _ = (error.description, error.command, ShownText.line(printed))
    }

    /// What `doctor --bundle` keeps of everything.
    static let bundle = reading(
        "bundle",
        Samples.objects("kubectl-")
            + Samples.files("podman-4.3.1-in", "crictl-1.32.0-containerd-1.6.20-ps-worker")
            + Samples.texts([
                "level=error msg=\"failed to pull image\" PLANTED-secret\nexit 1 after 2.5s\n",
                "config_path = \"/etc/containerd\"\nserver = \"https://a\"\nauth = \"PLANTED-secret\"",
                "{\"version\":1,\"kind\":\"deploy\",\"record\":{\"error\":\"PLANTED-secret\"}}\n",
            ]), words: ["PLANTED-secret", "\"auth\":\"PLANTED-secret\"", "server = \"", "eyJ"]
    ) { data, random in
        let words = BundleWords(names: ["devcluster-demo-worker"])
        let allowances: [BundleAllowance] = [
            .report, .engineInfo, .network, .containers, .nodes, .pods, .events, .crictlImages,
            .crictlContainers, .clusterRecord,
        ]
        let allowance = random.pick(allowances) ?? .record
        _ = BundleFile.json("a", data, keeping: allowance, words).text
        _ = BundleFile.jsonLines("a", data, keeping: .record, words).text
        _ = BundleFile.settings("a", data.text, keeping: BundleShape.hostsSettings, words).text
        let prose = BundleFile.prose("a", data.text, words).text
        guard !prose.contains("PLANTED-secret") else { throw FuzzFailure("a word has stayed") }
    }

    /// The files in which engines keep logins, and what their helpers print.
    static let credentials = reading(
        "credentials",
        Samples.texts([
            #"{"auths": {"r.example": {"auth": "dTpwYXNzd29yZDE="}, "https://index.docker.io/v1/":"#
                + #"{"auth": ""}}, "credHelpers": {"other.example": "x"}, "credsStore": "s"}"#,
            #"{"auths": {"r.example/team": {}}, "credsStore": "../x"}"#,
            #"{"Username": "u", "Secret": "password2", "ServerURL": "r.example"}"#,
        ]), words: ["\"auth\":\"", "r.example", "docker.io", "OjpgOjo6"]
    ) { data, _ in
        let file = NSTemporaryDirectory() + "devcluster-fuzz-\(getpid())-auth.json"
        // FileManager would wait for the disk.
        guard let stream = fopen(file, "w") else { throw FuzzFailure("cannot write \(file)") }
        data.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { fwrite(start, 1, bytes.count, stream) }
        }
        fclose(stream)
        let store = CredentialStore(
            environment: ["REGISTRY_AUTH_FILE": file], runner: Repeating(output: data))
        for (host, path) in [("r.example", "team/web"), ("docker.io", "library/x")] {
            let login = try await store.login(for: host, below: try? RepositoryName(path))
            _ = login?.credentials.basic
        }
    }
}

/// Every tool prints the same.
private struct Repeating: Runner {
    let output: Data

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        Outcome(invocation: invocation, output: output)
    }
}
