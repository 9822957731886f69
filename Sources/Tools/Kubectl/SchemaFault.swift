import Vocabulary

/// A field that kubectl found wrong before it sent anything, as it does for Kubernetes before 1.25:
/// `ValidationError(Deployment.spec): unknown field "replica" in io.k8s.api.apps.v1.DeploymentSpec`.
package struct SchemaFault: Sendable, Equatable {
    /// The object's kind.
    var kind: String
    /// The way to what is wrong, as `["spec", "containers[0]"]`.
    var path: [String]
    /// What is wrong there.
    var complaint: String

    /// The faults, when kubectl found some: then nothing at all was applied.
    package static func parse(_ errorOutput: String) -> [SchemaFault]? {
        guard KubectlText.invalidData.isIn(errorOutput), KubectlText.validation.isIn(errorOutput)
        else { return nil }
        return errorOutput.split(separator: KubectlText.validation.words).dropFirst().map { part in
            let place = part.prefix { $0 != ")" }
            var complaint = part.dropFirst(place.count).drop { ": )".contains($0) }
            for end in ["; if you choose to ignore", "], ", ", ValidationError"] {
                if let range = complaint.firstRange(of: end) {
                    complaint = complaint[..<range.lowerBound]
                }
            }
            while let last = complaint.last, "], \n".contains(last) { complaint.removeLast() }
            let parts = place.split(separator: ".").map(String.init)
            return SchemaFault(
                kind: parts.first ?? "", path: Array(parts.dropFirst()),
                complaint: ShownText.line(String(complaint)))
        }
    }

    /// The same as a refusal.
    package var refusal: KubectlRefusal {
        // Which type the field should be of, in the API's own words, helps nobody.
        let said =
            complaint.firstRange(of: " in io.k8s.")
            .map { String(complaint[..<$0.lowerBound]) } ?? complaint
        return KubectlRefusal(
            reason: "Invalid",
            text: path.isEmpty ? said : "\(said) in \(path.joined(separator: "."))")
    }

    /// The field that is unknown; nil when something else is wrong.
    private var unknownField: String? {
        guard KubectlText.unknownField.begins(complaint) else { return nil }
        return complaint.split(separator: "\"").dropFirst().first.map(String.init)
    }

    /// Whether this object may have the fault: a kind is all that kubectl says of it.
    package func isOf(_ object: ManifestObject) -> Bool {
        guard object.kind == kind else { return false }
        var value: JSONValue? = object.value
        for step in path {
            let parts = step.split(separator: "[")
            value = value?[String(parts.first ?? "")]
            for index in parts.dropFirst() {
                value = Int(index.dropLast()).flatMap { value?[$0] } ?? nil
            }
        }
        return unknownField.map { value?[$0] != nil } ?? (value != nil)
    }
}
