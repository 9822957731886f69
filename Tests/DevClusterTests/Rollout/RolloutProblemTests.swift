import Foundation
import Testing

@testable import Tools
@testable import Vocabulary
@testable import Workloads

struct RolloutProblemTests {
    private func problem(_ pod: String, in recording: String = "settled") throws -> RolloutProblem?
    {
        let objects = try Fixture.rollout(recording)
        return RolloutProblem.find(
            in: try #require(objects.pods.first { $0.metadata.name.hasPrefix(pod + "-") }))
    }

    @Test(arguments: [("pulling", "ErrImagePull"), ("settled", "ImagePullBackOff")])
    func `an image that cannot be pulled is named as the spec has it`(
        recording: String, reason: String
    ) throws {
        let problem = try #require(try problem("notfound", in: recording))
        #expect(
            problem.kind
                == .imagePull(
                    "localhost:5051/hello:rec-missing", recording == "pulling" ? .notFound : .other)
        )
        #expect(problem.reason == reason)
        #expect(problem.container == "web")
    }

    @Test func `a crash loop tells how often, and with which exit code it ends`() throws {
        let problem = try #require(try problem("crash"))
        #expect(problem.kind == .crash(.init(restarts: 5, exit: "3 Error")))
        #expect(problem.message == "it ended with exit code 3")
    }

    @Test func `a first crash is seen before there is a back-off`() throws {
        let problem = try #require(try problem("crash", in: "started"))
        #expect(problem.kind == .crash(.init(restarts: 0, exit: "3 Error")))
        #expect(problem.reason == "Error")
    }

    @Test func `a missing ConfigMap is named`() throws {
        let problem = try #require(try problem("configless"))
        #expect(problem.kind == .configuration)
        #expect(problem.message == "configmap \"absent\" not found")
    }

    @Test func `an image's name that is none is named`() throws {
        let problem = try #require(try problem("badname"))
        #expect(problem.kind == .invalidImage)
        #expect(problem.message.contains("UPPER CASE"))
    }

    @Test func `a pod that no node takes tells why`() throws {
        let problem = try #require(try problem("unschedulable"))
        #expect(problem.kind == .unschedulable)
        #expect(problem.container == nil)
        #expect(problem.message.contains("0/2 nodes are available"))
    }

    @Test(arguments: ["fine", "slow", "agent", "db", "good"])
    func `a pod that runs, needs time or did well has no problem`(pod: String) throws {
        #expect(try problem(pod) == nil)
    }

    @Test func `a container that is just being created has no problem`() throws {
        #expect(try problem("notfound", in: "started") == nil)
    }

    @Test func `a Job's failed pod has one`() throws {
        #expect(try problem("bad")?.message == "it ended with exit code 1")
    }

    @Test func `an init container's problem comes before that of the others`() throws {
        // A guess, put together from recorded states.
        let text = """
            {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "web", "image": "a"}],
             "initContainers": [{"name": "prepare", "image": "b"}]}, "status": {"phase": "Pending",
             "initContainerStatuses": [{"name": "prepare", "image": "b", "imageID": "",
              "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
              "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled",
              "message": "killed"}}}],
             "containerStatuses": [{"name": "web", "image": "a", "imageID": "",
              "state": {"waiting": {"reason": "ErrImagePull"}}}]}}
            """
        let pod = try JSONDecoder().decode(KubernetesPod.self, from: Data(text.utf8))
        let problem = try #require(RolloutProblem.find(in: pod))
        #expect(problem.container == "prepare")
        #expect(
            problem.kind
                == .crash(.init(restarts: 2, exit: "137 OOMKilled", isOutOfMemory: true)))
        #expect(problem.message == "it ended with exit code 137 (OOMKilled): killed")
    }
}
