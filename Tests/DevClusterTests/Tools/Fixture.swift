import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Workloads

/// Output recorded from a real tool, in the folder `Fixtures`.
enum Fixture {
    static func data(_ name: String) throws -> Data {
        let folder = try #require(Bundle.module.resourceURL)
        return try Data(contentsOf: folder.appending(path: "Fixtures").appending(path: name))
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try data(name), as: UTF8.self)
    }

    /// What podman 4.3.1 says of a container in this state.
    static func container(_ state: String) throws -> Container {
        let data = try data("podman-4.3.1-inspect-\(state).json")
        return try #require(JSONDecoder().decode([Container].self, from: data).first)
    }

    /// The arrays that `podman inspect` prints for several containers, as one.
    static func inspect(_ states: [String], replacing changes: [String: String] = [:]) throws
        -> String
    {
        let elements = try states.map { state in
            let text = try text("podman-4.3.1-inspect-\(state).json")
            return String(
                text.drop { $0 != "{" }.prefix(upTo: try #require(text.lastIndex(of: "]"))))
        }
        return "[\(elements.joined(separator: ","))]".replacing(changes)
    }

    /// What `kubectl apply` 1.32.4 said on standard error of a Kubernetes 1.20.2 cluster.
    static func apply(_ name: String) throws -> String {
        try text("kubectl-1.32.4-kubernetes-1.20.2-apply-\(name).txt")
    }

    /// What kubectl 1.32.4 printed of a Kubernetes 1.20.2 cluster.
    static func cluster(_ name: String) throws -> String {
        try text("kubectl-1.32.4-kubernetes-1.20.2-\(name).json")
    }

    /// Workloads and pods, as a rollout reads them.
    ///
    /// - Parameter events: the recording of the warnings read with them.
    static func rollout(_ name: String, events: String? = nil) throws -> RolloutObjects {
        var objects = try RolloutObjects(parsing: Data(try cluster("rollout-\(name)").utf8))
        if let events {
            objects.events = try KubernetesList<KubernetesEvent>(
                parsing: Data(try cluster("rollout-\(events)").utf8)
            ).items
        }
        return objects
    }
}
