import ChildProcess
import TestSupport

@testable import Deployment
@testable import Tools
@testable import Vocabulary

/// What the tests of an apply have in common: a session whose namespace is `demo`.
protocol ApplySuite {
    var sample: SampleSession { get }
    var time: ManualClock { get }
}

extension ApplySuite {
    var applier: ManifestApplier {
        ManifestApplier(session: sample.session, namespace: "demo", clock: time.clock)
    }

    func object(
        _ kind: String, _ name: String, apiVersion: String? = nil, namespace: String? = nil
    ) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": apiVersion.map { .string($0) } ?? .apiVersion(of: kind),
            "kind": .string(kind), "metadata": ["name": .string(name)],
        ]
        if let namespace { object["metadata"]?["namespace"] = .string(namespace) }
        return object
    }

    /// Names of the objects that each apply was given.
    var applied: [[String]] {
        get throws {
            try sample.runner.calls.filter { $0.arguments.contains("apply") }.map { call in
                let items = try JSONValue(parsing: call.inputText)["items"]?.array ?? []
                return items.map { ManifestObject($0).name }
            }
        }
    }

    /// What kubectl 1.32.4 said of Kubernetes 1.20.2.
    func recorded(_ name: String, output: String = "") throws -> Outcome {
        .failure(1, stderr: try Fixture.apply(name), output: output)
    }
}
