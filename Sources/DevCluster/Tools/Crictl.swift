import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The `crictl` program inside a node.
public struct Crictl: Sendable {
    /// The node, as a runner.
    let node: any Runner

    /// crictl inside the node.
    public init(node: any Runner) {
        self.node = node
    }

    /// The ID (configuration digest) of the image that a reference names on the node.
    ///
    /// - Parameter reference: a full reference, or a full ID: crictl also takes the start of
    ///   an ID, so that a short name can mean another image.
    /// - Returns: nil when the node has no such image.
    public func imageID(of reference: String) async throws -> Digest? {
        struct Answer: Decodable {
            struct Status: Decodable { var id: String }
            var status: Status
        }
        let outcome = try await node.run(Invocation("crictl", ["inspecti", reference]))
        guard outcome.succeeded else { return nil }
        let answer = try? JSONDecoder().decode(Answer.self, from: outcome.output)
        return answer.flatMap { try? Digest($0.status.id) }
    }
}
