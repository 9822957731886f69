import ChildProcess
import Foundation
import TestSupport
import Testing

/// The built executable, and the user's curl, against registries and token servers that lie.
@Suite(.enabled(if: curl != nil, "there is no curl"))
struct `A registry that lies` {
    /// What it answers to every request.
    enum Lie: String, CaseIterable, Sendable {
        case endlessHeaders, manyCookies, circle, toFile, compressed, tooLong, tooShort, endless
        case controls, noStatus, nothing

        /// What the user is told of it.
        var words: [String] {
            switch self {
            // Old versions of curl take all headers, and stop at what they print; on a busy machine the
            // time that an answer may take is over before.
            case .endlessHeaders, .manyCookies: ["eaders", "larger than", "timed out"]
            case .circle: ["redirects", "reset by peer"]
            case .toFile: ["Protocol \"file\""]
            case .compressed: ["not what a registry sends"]
            case .tooLong: ["Maximum file size", "Invalid Content-Length", "alue"]
            case .tooShort: ["bytes remaining", "closed"]
            case .endless: ["larger than", "Maximum file size", "timed out"]
            case .controls: ["header", "not what a registry sends"]
            case .noStatus: ["response", "HTTP/0.9"]
            case .nothing: ["Empty reply"]
            }
        }

        @Sendable func answer(_ request: String, _ send: HostileServer.Send) {
            let path = request.split(separator: " ").dropFirst().first ?? "/"
            let good = "HTTP/1.1 200 OK\r\nDocker-Distribution-Api-Version: registry/2.0\r\n"
            switch self {
            case .endlessHeaders:
                guard send(good) else { return }
                while send("X-More: \(String(repeating: "a", count: 10_000))\r\n") {}
            case .manyCookies:
                let cookie = "Set-Cookie: a=\(String(repeating: "b", count: 3990))\r\n"
                _ = send(
                    good + String(repeating: cookie, count: 20_000)
                        + "Content-Length: 2\r\n\r\n{}")
            case .circle:
                _ = send("HTTP/1.1 307 x\r\nLocation: \(path)\r\nContent-Length: 0\r\n\r\n")
            case .toFile:
                _ = send(
                    "HTTP/1.1 307 x\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
            case .compressed:
                // Whoever unpacked it would find that it is nothing of the kind.
                _ = send(good + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n{}{}")
            case .tooLong: _ = send(good + "Content-Length: 99999999999999999999\r\n\r\n{}")
            case .tooShort: _ = send(good + "Content-Length: 100\r\n\r\n{}")
            case .endless:
                let piece = "10000\r\n\(String(repeating: "x", count: 0x10000))\r\n"
                guard send(good + "Transfer-Encoding: chunked\r\n\r\n") else { return }
                while send(piece) {}
            case .controls:
                _ = send(good + "X-A: \u{1B}[31m\u{1}\r\nContent-Length: 5\r\n\r\n\u{1B}[31m")
            case .noStatus: _ = send("HTTP/1.1 99999999999 \u{1B}[31m\r\n\r\n")
            case .nothing: break
            }
        }
    }

    private let tool: BuiltTool

    init() throws {
        tool = try BuiltTool()
        for name in ["podman", "kind", "git"] { try tool.install(name, "exit 1\n") }
        try tool.install("curl", "exec '\(curl ?? "")' \"$@\"\n")
        try tool.folder.write(
            """
            {"version": 1, "content": {"phase": "ready", "nodes": {}, "registry": "r",
             "createdAt": "2026-01-02T03:04:05Z"}}
            """, to: "state/clusters/podman-hostile/cluster.json")
    }

    /// Puts a project at a registry, and one pod that runs an image of it.
    private func configure(_ registry: String, host: String) throws {
        try tool.write(
            """
            {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
             "metadata": {"name": "hostile"},
             "spec": {"engine": "podman", "registry": \(registry), "images": [{"name": "web"}]}}
            """, to: "devcluster.json")
        let pod = """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "web", "namespace": "default", "uid": "1"},
             "spec": {"containers": [{"name": "web", "image": "\(host)/web:1"}]},
             "status": {"phase": "Running", "containerStatuses": [{"name": "web",
              "image": "\(host)/web:1", "ready": true, "restartCount": 0,
              "imageID": "\(host)/web@sha256:\(String(repeating: "ab", count: 32))"}]}}
            """
        try tool.install(
            "kubectl",
            """
            case "$*" in
            *pods,*"--output json"*) printf '%s' '{"items": [\(pod)]}' ;;
            *) echo '{"items": []}' ;;
            esac

            """)
    }

    private func run(_ words: String..., login: String? = nil) async throws -> Outcome {
        let outcome = try await tool.run(
            words + ["--config", "devcluster.json"],
            environment: login.map { ["REGISTRY_AUTH_FILE": $0] } ?? [:])
        let text = outcome.text + outcome.errorText
        let controls = text.unicodeScalars.filter {
            $0 != "\n" && $0.properties.generalCategory == .control
        }
        #expect(controls.isEmpty, "\(text.debugDescription)")
        return outcome
    }

    @Test(arguments: Lie.allCases)
    func `is told in words, and nothing is said to be right`(lie: Lie) async throws {
        let server = try HostileServer(lie.answer)
        try configure("{\"port\": \(server.port)}", host: "localhost:\(server.port)")
        let list = try await run("registry", "list")
        #expect(list.exit == .code(1))
        let verified = try await run("verify-image")
        #expect(verified.exit == .code(3))
        #expect(verified.text.contains("0 fresh"))
        for text in [list.errorText, verified.text + verified.errorText] {
            #expect(lie.words.contains { text.contains($0) }, "\(text)")
            #expect(!text.contains("root:"), "a file was read")
        }
        #expect(!server.requests.isEmpty)
    }

    /// Where a server sends a request that carries credentials.
    enum Detour: String, CaseIterable, Sendable { case ofToken, ofTokenByName, ofManifest }

    @Test(arguments: Detour.allCases)
    func `does not get credentials sent elsewhere`(detour: Detour) async throws {
        let thief = try HostileServer { _, send in
            _ = send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        }
        let tokens = try HostileServer { _, send in
            let host = detour == .ofTokenByName ? "localhost" : "127.0.0.1"
            let token = #"{"token": "tok-123456", "expires_in": -99999999999999999999999}"#
            _ = send(
                detour == .ofManifest
                    ? "HTTP/1.1 200 OK\r\nContent-Length: \(token.utf8.count)\r\n\r\n\(token)"
                    : "HTTP/1.1 307 x\r\nLocation: http://\(host):\(thief.port)/\r\n"
                        + "Content-Length: 0\r\n\r\n")
        }
        let registry = try HostileServer { request, send in
            let realm = "http://127.0.0.1:\(tokens.port)/token"
            _ = send(
                request.contains("Authorization: Bearer tok-")
                    ? "HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:\(thief.port)/\r\n"
                        + "Content-Length: 0\r\n\r\n"
                    : "HTTP/1.1 401 x\r\nWWW-Authenticate: Bearer realm=\"\(realm)\",service=\"s\""
                        + "\r\nContent-Length: 0\r\n\r\n")
        }
        let host = "127.0.0.1:\(registry.port)"
        try configure("{\"host\": \"\(host)\"}", host: host)
        let login = Data("user:hunter2-PLANTED".utf8).base64EncodedString()
        try tool.folder.write(
            #"{"auths": {"\#(host)": {"auth": "\#(login)"}}}"#, to: "auth.json")
        let outcome = try await run("verify-image", login: tool.folder.file("auth.json"))
        #expect(outcome.exit == .code(3))
        let said = outcome.text + outcome.errorText
        for secret in [login, "hunter2-PLANTED", "tok-123456"] { #expect(!said.contains(secret)) }
        #expect(tokens.requests.contains { $0.contains("Authorization: Basic \(login)") })
        #expect(!thief.requests.isEmpty, "nobody was sent there")
        #expect(thief.requests.allSatisfy { !$0.lowercased().contains("authorization") })
    }
}

/// The user's curl.
private let curl = findExecutable("curl", path: ProcessInfo.processInfo.environment["PATH"])
