import ChildProcess
import Sessions
import Tools
import Vocabulary
import Workloads

/// A Pod that runs to its end as a hook.
struct HookPod: Sendable {
    let session: Session
    let name: String
    let namespace: String
    var clock = WaitClock.continuous

    /// Waits until every container ended with 0.
    ///
    /// - Throws: `DevClusterError` with the reason and the last lines of its log, when it failed,
    ///   is gone, or is not done in time.
    func waitUntilDone(deadline: Duration) async throws {
        let end = clock.now() + deadline
        var reason = "it did not start"
        while true {
            guard let pod = try await read() else {
                throw DevClusterError(.failed, "Pod/\(name) is gone before it was done")
            }
            switch pod["status"]?["phase"]?.string {
            case "Succeeded": return
            case "Failed": throw try await failure(of: pod)
            default: break
            }
            reason = HookPod.waiting(pod) ?? pod["status"]?["phase"]?.string ?? reason
            guard clock.now() < end else {
                throw DevClusterError(
                    .deadline,
                    "Pod/\(name) is not done after \(HumanDuration(deadline)): \(reason)",
                    hint: "\(kubectl) describe pod \(name)")
            }
            try await clock.sleep(.milliseconds(500))
        }
    }

    private var kubectl: String {
        "kubectl --context \(session.place.context) --namespace \(namespace)"
    }

    private func read() async throws -> JSONValue? {
        let kubectl = session.kubectl
        let outcome = try await kubectl.reach {
            try await kubectl.readIfThere("pod", name, namespace: namespace)
        }.checked()
        return outcome.output.isEmpty ? nil : try JSONValue(parsing: outcome.output)
    }

    /// Why a container does not run, in the kubelet's words.
    private static func waiting(_ pod: JSONValue) -> String? {
        statuses(pod).compactMap { status in
            let waiting = status["state"]?["waiting"]
            return waiting?["reason"]?.string.map { reason in
                ShownText.line(
                    [reason, waiting?["message"]?.string].compactMap { $0 }.joined(separator: ": "))
            }
        }.first
    }

    private static func statuses(_ pod: JSONValue) -> [JSONValue] {
        ["initContainerStatuses", "containerStatuses"].flatMap {
            pod["status"]?[$0]?.array ?? []
        }
    }

    private func failure(of pod: JSONValue) async throws -> DevClusterError {
        let ended = HookPod.statuses(pod).first { status in
            (status["state"]?["terminated"]?["exitCode"]?.integer ?? 0) != 0
        }
        let container = ended?["name"]?.string
        let code = ended?["state"]?["terminated"]?["exitCode"]?.integer
        let said = pod["status"]?["message"]?.string ?? pod["status"]?["reason"]?.string
        let reason =
            code.map { "container \(container ?? "") ended with exit code \($0)" }
            ?? ShownText.line(said ?? "it failed")
        let lines = try await log(of: container)
        return DevClusterError(
            .failed, RolloutWait.text("Pod/\(name): \(reason)", lines),
            hint: "\(kubectl) logs \(name) --all-containers")
    }
    /// The last lines that it said; none where there is no log (any more).
    private func log(of container: String?) async throws -> [String] {
        let kubectl = session.kubectl
        do {
            let outcome =
                if let container {
                    try await kubectl.log(
                        of: name, container: container, lines: 5, namespace: namespace,
                        deadline: .seconds(10))
                } else {
                    try await kubectl.logs(
                        ofAllIn: name, lines: 5, namespace: namespace, deadline: .seconds(10))
                }
            guard outcome.succeeded else { return [] }
            return outcome.text.split(whereSeparator: \.isNewline).suffix(5)
                .map { ShownText.line(String($0), limit: 200) }
        } catch let error as InvocationError where error.reason != .cancelled {
            // The reason is worth saying without the program's words too.
            return []
        }
    }
}
