@testable import Vocabulary

extension JSONValue {
    /// The API version in which Kubernetes serves one of its own kinds; `example.com/v1` for others.
    static func apiVersion(of kind: String) -> JSONValue {
        guard let group = BuiltInKind(rawValue: kind)?.groups.first else {
            return "example.com/v1"
        }
        return .string(group.isEmpty ? "v1" : "\(group)/v1")
    }
}
