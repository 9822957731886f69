import Foundation

@testable import Forwards
@testable import Images
@testable import Registries
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Verification
@testable import Vocabulary

extension FuzzTarget {
    /// The JSON reader and writer.
    static let json = reading(
        "json",
        Samples.objects("kubectl-") + Samples.files("registry-2.8.2-manifest", "podman-4.3.1-in")
            + Samples.texts([
                "[1,2.5,-0,1e5,true,null,\"\\u00e9\\ud83d\\ude00\"]",
                String(repeating: "[", count: 400), String(repeating: "{\"a\":", count: 400),
            ])
    ) { data, _ in
        let value = try JSONValue(parsing: data)
        let again = try JSONValue(parsing: value.encoded())
        guard again == value else { throw FuzzFailure("what was written reads as something else") }
        _ = value.integer
        _ = value[0]?["metadata"]?.digits
        let decoded: [BoundedInteger]? = try? value.decoded()
        _ = decoded?.sum()
    }

    /// The configuration, as kubectl or a `.json` file gives it, and what kubectl complains of.
    static let configuration = reading(
        "configuration",
        Samples.texts([
            ConfigurationSample.whole, ConfigurationSample.external,
            #"{"apiVersion": "devcluster.dev/v1", "kind": "DevCluster", "spec": {}}"#,
            "error: error parsing x: error converting YAML to JSON: yaml: line 3: found",
            "error: unable to decode \"x\": json: cannot unmarshal number into Go struct field"
                + " ObjectMeta.metadata.name of type string",
            "%YAML 1.1\n---\na: 1\n---\n...\n--- {b: 2}\n# c\n",
        ]), words: ["spec", "forwards", "images", "port", "name", "address", "1h30m"]
    ) { data, _ in
        _ = YAMLDocuments(data.text).starts
        _ = KubectlComplaint(data.text, path: "x", lineOffset: 3).text
        let document = try JSONValue(parsing: data)
        _ = try Configuration(document: document, folder: "/x")
    }

    /// Containerfiles, and what a build takes from its context.
    static let containerfile = reading(
        "containerfile",
        Samples.texts([
            "# escape=`\nFROM --platform=$A scratch AS base\nCOPY a `\n b /c\n",
            "ARG V=1\nFROM x:${V:-2} AS a\nENV A=$V B=\"$A b\" C='$A'\nRUN --mount=type=bind,"
                + "source=s,from=a,target=/t x\nCOPY --from=a [\"a\", \"b\"]\nONBUILD COPY . /\n",
            "FROM scratch\nRUN <<EOF <<-'B'\nx\nEOF\n\tB\nADD *.go src/**/*.go ./../x https://a /\n",
            "FROM a\nENV A=$A$A$A\nENV A ${A:+$A}${A:-${A:-$A}}\nCOPY $A ${A} /\n",
        ]),
        words: ["FROM ", "COPY ", "ENV A=$A$A\n", "ONBUILD ", "ARG ", "RUN <<X\n", "${a:-", "\\\n"]
    ) { data, _ in
        let file = Containerfile(data.text)
        guard file.excess == nil else { return }
        let stages = ContainerfileStages(file, arguments: ["A": "x", "V": "$V"])
        for target in [nil, "a", "0", "base"] {
            for source in stages.use(target: target).sources.prefix(50) {
                _ = source.covers(["src", "main.go"])
                _ = source.reachesInto(["src"])
            }
        }
    }

    /// Ignore files: rules in all lines but the last, which is a path.
    static let ignoreRules = reading(
        "ignore-rules",
        Samples.texts([
            "# x\n*.md\n!README*.md\nout/**/[a-z]?\n**/*.log\n/a/../b\nout/x/b.log",
            "*a*a*a*a*a*b\n**/a/**/a/**/a\n!**/[^a-z]*[]x-]\\*\naaaaaaaaaaaaaaaaaaaaaaa/a/a/a",
        ]), words: ["*a", "**/a/", "[a-z]", "!", "\\*", "a/"]
    ) { data, _ in
        let lines = data.text.split(separator: "\n", omittingEmptySubsequences: false)
        let rules = IgnoreRules(lines.dropLast().joined(separator: "\n"))
        let path = (lines.last ?? "").split(separator: "/").prefix(200).map(String.init)
        // As `ContextWalk` bounds it.
        guard rules.cost * (path.count + 1) < 2_000_000 else { return }
        let isIgnored = rules.ignores(path)
        _ = rules.ignoresAll(in: path)
        guard rules.ignores(path) == isIgnored else { throw FuzzFailure("it is not sure") }
    }

    /// Names, references, durations and times.
    static let names = reading(
        "names",
        Samples.texts([
            "ghcr.io/acme/web:1.2@sha256:" + String(repeating: "a", count: 64), "1h30m5.25s",
            "[::1]:5000/x", "2026-01-02T03:04:05.678Z",
            "dev-0123456789ab-dirty-20260102T030405678Z",
            "Bearer realm=\"https://a/t\",service=b,scope=\"x,y\"", "deployment/web", "http:80",
            "sha256:abcdef012345", "spec.images[0].name", "localhost:5001/*", "-12", "2.13 MB",
            "# branch.oid abc\n1 .M x", "http /healthz", "UTF-8 é",
        ])
    ) { data, _ in
        let text = data.text
        if let reference = try? ImageReference(text) {
            guard (try? ImageReference(reference.description)) == reference else {
                throw FuzzFailure("what a reference says of itself is another")
            }
            _ = reference.normalized.withoutTagAndDigest
        }
        if let duration = try? HumanDuration(text) { _ = duration.description }
        if let host = try? RegistryHost(text) { _ = (host.name, host.port, host.isLoopback) }
        _ = try? RegistryLocation(text)
        _ = try? Digest(text)
        _ = try? WorkloadReference(text)
        _ = try? TargetPort(text)
        _ = try? HTTPProbe(text)
        _ = try? IPAddress(text).isWildcard
        _ = try? CacheName(text)
        _ = FieldPath(text).description
        _ = AuthChallenge(text).parameters
        _ = UniqueTag.time(of: text).map { _ in UniqueTag.commit(of: text) }
        _ = Date(timestamp: text)?.timestamp
        _ = BoundedInteger(text)
        _ = HumanSize.bytes(text)
        _ = Git.state(fromStatus: text)
        _ = (ShownText.line(text), ShownText.quoted(text), text.trimmingSpace)
    }

    /// Files of the state folder.
    static let state = reading(
        "state",
        Samples.texts([
            #"{"version":1,"content":{"name":"a","context":"c","namespace":"n","target":"svc/a","#
                + #""address":"127.0.0.1","port":1,"targetPort":"1","origin":"configured","#
                + #""request":"1","state":"running","arguments":[],"#
                + #""startedAt":"2026-01-02T03:04:05.678Z","restarts":0,"connections":1,"#
                + #""bytesSent":2,"bytesReceived":3}}"#,
            #"{"phase":"ready","nodes":{"a":"b"},"registry":"r","#
                + #""createdAt":"2026-01-02T03:04:05.678Z"}"#,
            #"{"time":"2026-01-02T03:04:05.678Z","seconds":1.5,"namespace":"n","images":[],"#
                + #""steps":[{"name":"a","seconds":0.1}],"exitCode":0}"#,
        ])
    ) { data, _ in
        if let record = try? JSONDecoder.state.decode(ForwardRecord.self, from: data) {
            let status = ForwardStatus(record, now: Date(timeIntervalSince1970: 0))
            _ = byteCount(record.bytesSent.adding(record.bytesReceived))
            _ = (status.age, record.url)
        }
        _ = try? JSONDecoder.state.decode(ClusterRecord.self, from: data)
        _ = try? JSONDecoder.state.decode(DeployRecord.self, from: data)
        _ = try? JSONDecoder.state.decode(BuildRecord.self, from: data)
    }
}

/// Documents with every kind of field.
private enum ConfigurationSample {
    static let whole = """
        {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster", "metadata": {"name": "a"},
        "spec": {"engine": "podman", "cluster": {"nodeImage": "kindest/node:v1", "workers": 1,
        "portMappings": [{"hostPort": 8080, "nodePort": 30080}]}, "registry": {"name": "r",
        "port": 5001, "mirrors": ["docker.io"]}, "namespace": "n", "retention": {"tags": 3},
        "images": [{"name": "web", "context": ".", "buildArgs": {"A": "1", "B": "2"},
        "matches": ["ghcr.io/a/web"]}], "manifests": ["deploy/", {"render": ["./x"]},
        {"helm": {"chart": "c", "values": ["v"], "set": {"a": 1}}}],
        "locks": [{"workload": "deployment/db", "method": "scale"}],
        "forwards": [{"name": "a", "target": "svc/a", "port": 1, "targetPort": "http"},
        {"name": "b", "target": "svc/b", "port": 2, "targetPort": 80, "address": "0.0.0.0"}],
        "timeouts": {"build": "1h30m", "rollout": "5m"}}}
        """
    static let external = """
        {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster", "metadata": {"name": "a"},
        "spec": {"cluster": {"kubeContext": "c"}, "registry": {"host": "r.example/t",
        "pullSecret": "s"}}}
        """
}
