import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Images
@testable import Registries
@testable import Sessions
@testable import Settings
@testable import Vocabulary

/// The Secret with which pods pull, and how it gets into them.
struct PullSecretTests {
    private let runner = ScriptedRunner()
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func session(isDryRun: Bool = false) throws -> Session {
        try folder.write(
            #"""
            {"auths": {"r.example": {"auth": "dXNlcjpzZWNyZXQ="},
            "other.example": {"auth": "b3RoZXI6cHJpdmF0ZQ=="}}}
            """#, to: "auth.json")
        return try SampleSession(
            [
                "registry": ["host": "r.example", "pullSecret": "pull"],
                "namespace": "shop", "images": [["name": "web"]],
            ], runner: runner,
            environment: [
                "REGISTRY_AUTH_FILE": folder.file("auth.json"), "HOME": folder.path,
            ], isDryRun: isDryRun
        ).session
    }

    /// What kubectl 1.32 prints of a Secret: its type and our label.
    private func expectSecret(_ printed: String) {
        runner.expectKubectl(
            ["get", "secret/pull", "--ignore-not-found"], returning: .ok(printed),
            namespace: "shop")
    }

    @Test func `it holds the login for its registry alone, and no argument shows it`()
        async throws
    {
        let session = try session()
        expectSecret("")
        let plan = try await PullSecret(session: session, isMade: true)?.prepare()
        runner.expectKubectl(["create", "--filename", "-"], namespace: "shop")
        try await plan?.run()
        let call = try #require(runner.calls.last)
        guard case .secret(let data) = call.input else {
            Issue.record("what is sent can be shown")
            return
        }
        let secret = try JSONValue(parsing: data)
        let encoded = try #require(secret["data"]?[".dockerconfigjson"]?.string)
        let logins = try JSONValue(parsing: try #require(Data(base64Encoded: encoded)))
        #expect(logins == ["auths": ["r.example": ["auth": "dXNlcjpzZWNyZXQ="]]])
        #expect(secret["type"] == "kubernetes.io/dockerconfigjson")
        #expect(secret["metadata"]?["labels"]?["devcluster.dev/managed"] == "true")
        #expect(runner.commands.allSatisfy { !$0.contains("dXNlcjpz") && !$0.contains("secret\"") })
    }

    @Test func `one of ours is replaced, one of others is not`() async throws {
        expectSecret("kubernetes.io/dockerconfigjson|true")
        let plan = try await PullSecret(session: session(), isMade: true)?.prepare()
        #expect(plan?.replaces == true)
        expectSecret("kubernetes.io/dockerconfigjson|")
        let error = await #expect(throws: DevClusterError.self) {
            try await PullSecret(session: session(), isMade: true)?.prepare()
        }
        #expect(error?.message.contains("was not made by devcluster") == true)
    }

    @Test func `without it, or with one of another type, nothing is built`() async throws {
        for (printed, says) in [
            ("", "namespace shop has no Secret 'pull'"), ("Opaque|", "is of type 'Opaque'"),
        ] {
            expectSecret(printed)
            let error = await #expect(throws: DevClusterError.self) {
                try await PullSecret(session: session())?.prepare()
            }
            #expect(error?.message.contains(says) == true)
        }
    }

    @Test func `one that is there is used as it is`() async throws {
        expectSecret("kubernetes.io/dockerconfigjson|")
        #expect(try await PullSecret(session: session())?.prepare() == nil)
    }

    @Test func `who may not look at Secrets may deploy all the same`() async throws {
        runner.expectKubectl(
            ["get", "secret/pull"],
            returning: .failure(
                1,
                stderr: "Error from server (Forbidden): secrets \"pull\" is forbidden: User"
                    + " \"me\" cannot get resource \"secrets\"\n"))
        #expect(try await PullSecret(session: session())?.prepare() == nil)
    }

    @Test func `nobody logged in means nothing to make it of`() async throws {
        let session = try session()
        try folder.write(#"{"auths": {}}"#, to: "auth.json")
        expectSecret("")
        let error = await #expect(throws: DevClusterError.self) {
            try await PullSecret(session: session, isMade: true)?.prepare()
        }
        #expect(error?.hint == "podman login r.example")
    }

    @Test func `it cannot be made when the configuration names none`() throws {
        let session = try SampleSession(
            ["registry": ["host": "r.example"]], runner: runner
        ).session
        #expect(throws: DevClusterError.self) { try PullSecret(session: session, isMade: true) }
        #expect(try PullSecret(session: session) == nil)
    }
}

/// Pods that run images of ours get the Secret, others do not.
struct PullSecretAttachmentTests {
    private let attachment: PullSecretAttachment

    init() throws {
        let session = try SampleSession(
            [
                "registry": ["host": "r.example", "pullSecret": "pull"],
                "images": [["name": "web"]],
            ]
        ).session
        attachment = try #require(session.pullSecretAttachment)
    }

    private func pod(_ image: String, _ secrets: JSONValue? = nil) -> JSONValue {
        var pod: JSONValue = ["containers": [["name": "c", "image": .string(image)]]]
        pod["imagePullSecrets"] = secrets
        return pod
    }

    private let expected: JSONValue = [["name": "pull"]]

    @Test(arguments: ["Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"])
    func `a workload's template names it`(kind: String) {
        let object: JSONValue = [
            "apiVersion": .apiVersion(of: kind), "kind": .string(kind),
            "spec": ["template": ["spec": pod("web")]],
        ]
        let spec = attachment.attached(to: object)["spec"]?["template"]?["spec"]
        #expect(spec?["imagePullSecrets"] == expected)
        #expect(spec?["containers"] == pod("web")["containers"])
    }

    @Test func `so do a pod and a CronJob`() {
        #expect(
            attachment.attached(to: [
                "apiVersion": .apiVersion(of: "Pod"), "kind": "Pod", "spec": pod("r.example/web:1"),
            ])["spec"]?[
                "imagePullSecrets"] == expected)
        let job: JSONValue = [
            "apiVersion": .apiVersion(of: "CronJob"), "kind": "CronJob",
            "spec": ["jobTemplate": ["spec": ["template": ["spec": pod("web")]]]],
        ]
        let made = attachment.attached(to: job)
        let template = made["spec"]?["jobTemplate"]?["spec"]?["template"]
        #expect(template?["spec"]?["imagePullSecrets"] == expected)
    }

    @Test func `other Secrets stay, and it is named once`() {
        let object: JSONValue = [
            "apiVersion": .apiVersion(of: "Pod"), "kind": "Pod",
            "spec": pod("web", [["name": "other"]]),
        ]
        let once = attachment.attached(to: object)
        #expect(once["spec"]?["imagePullSecrets"] == [["name": "other"], ["name": "pull"]])
        #expect(attachment.attached(to: once) == once)
    }

    @Test func `a pod without an image of ours, and an unknown kind, stay as they are`() {
        for object: JSONValue in [
            [
                "apiVersion": .apiVersion(of: "Pod"), "kind": "Pod",
                "spec": pod("docker.io/library/redis:7"),
            ],
            ["kind": "Rollout", "spec": ["template": ["spec": pod("web")]]],
        ] { #expect(attachment.attached(to: object) == object) }
    }

    @Test func `a live workload gets images and Secret in one change`() async throws {
        let runner = ScriptedRunner()
        let session = try SampleSession(
            [
                "registry": ["host": "r.example", "pullSecret": "pull"],
                "images": [["name": "web"]],
            ], runner: runner
        ).session
        let live: JSONValue = [
            "apiVersion": .apiVersion(of: "Deployment"), "kind": "Deployment",
            "metadata": ["name": "shop"],
            "spec": ["template": ["spec": pod("r.example/web:1")]],
        ]
        let built = BuiltImage(
            name: "web", reference: "r.example/web:2", tag: "2", imageID: "", digest: nil,
            buildSeconds: 0, pushSeconds: 0, isUnchanged: false)
        runner.expectKubectl(["patch", "deployments.apps/shop", "--type", "json", "--patch"])
        _ = try await SetImages(session: session).run([built], live: [live])
        let text = try #require(runner.calls.last?.arguments.last)
        let image: JSONValue = "/spec/template/spec/containers/0/image"
        #expect(
            try JSONValue(parsing: text) == [
                ["op": "test", "path": image, "value": "r.example/web:1"],
                ["op": "replace", "path": image, "value": "r.example/web:2"],
                [
                    "op": "add", "path": "/spec/template/spec/imagePullSecrets",
                    "value": [["name": "pull"]],
                ],
            ])
    }
}
