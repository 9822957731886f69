import Vocabulary

/// The warnings of the API that kubectl passes on, which do not say what they are about.
///
/// kubectl prints the same text once, however many objects get it (client-go's
/// `WarningWriterOptions{Deduplicate: true}`).
package enum KubectlWarnings {
    /// Whether a line is one.
    package static func isWarning(_ line: some StringProtocol) -> Bool {
        KubectlText.warning.begins(line)
    }

    /// The texts that kubectl printed.
    package static func texts(_ errorOutput: String) -> [String] {
        errorOutput.split(whereSeparator: \.isNewline).compactMap { line in
            KubectlText.warning.rest(of: line).map { ShownText.line($0) }
        }
    }

    /// Of some objects those that the text itself names, as `extensions/v1beta1 Ingress is
    /// deprecated` does, or kubectl's own `resource deployments/web is missing …`.
    package static func named(by text: String, among objects: [ManifestObject]) -> [ManifestObject]
    {
        objects.filter { object in
            text.hasPrefix("\(object.apiVersion) \(object.kind) ")
                || text.hasPrefix("resource \(object.kind.lowercased())s/\(object.name) ")
        }
    }

    /// Whether kubectl says that it had no copy of what was applied before, so that fields which left
    /// the manifest stay.
    package static func lacksCopy(_ text: String) -> Bool {
        KubectlText.noCopy.isIn(text)
    }
}
