import SystemLibraries
import Vocabulary

/// One thing that the API, or kubectl itself, refused to do, without kubectl's frame around it.
///
/// The frame holds the whole patch, with the values of Secrets. Recorded with kubectl 1.32.4 and
/// Kubernetes 1.20.2.
package struct KubectlRefusal: Sendable, Hashable {
    /// The object as the message names it.
    struct Name: Sendable, Hashable {
        /// `StatefulSet`, `statefulsets`, or with the group: `StatefulSet.apps`.
        var kind: String
        var name: String
        /// Nil where the message does not say it.
        var namespace: String?
    }

    /// The API's reason, as `Forbidden`; nil where kubectl does not print it.
    package var reason: String?
    /// What was said, on one line.
    package var text: String
    /// The object; nil where the message names none, as a webhook's refusal.
    var object: Name?

    init(reason: String?, text: String) {
        (self.reason, self.text) = (reason, text)
    }

    /// Every refusal in what kubectl printed on standard error.
    package static func parse(_ errorOutput: String) -> [KubectlRefusal] {
        blocks(errorOutput).flatMap { block in
            // Several that have one cause are printed as a list.
            if block.count == 1, block[0].hasPrefix("["), block[0].hasSuffix("]") {
                return String(block[0].dropFirst().dropLast()).replacing(
                    ", unable to recognize ", with: "\nunable to recognize "
                ).split(separator: "\n").map { KubectlRefusal([$0]) }
            }
            return [KubectlRefusal(block)]
        }
    }

    /// What kubectl printed on standard error, without the patches around it; as it is where nothing
    /// would be left.
    static func withoutFrames(_ errorOutput: String) -> Data {
        let texts = parse(errorOutput).map(\.text)
        return Data((texts.isEmpty ? errorOutput : texts.joined(separator: "\n") + "\n").utf8)
    }

    /// The lines of each refusal: what continues one is indented, or known.
    private static func blocks(_ errorOutput: String) -> [[Substring]] {
        var blocks: [[Substring]] = []
        var isInside = false
        for line in errorOutput.split(whereSeparator: \.isNewline) {
            if KubectlText.warning.begins(line) || isLog(line) { continue }
            if isInside, isContinuation(line) {
                blocks[blocks.count - 1].append(line)
            } else {
                blocks.append([line])
                isInside = true
            }
        }
        return blocks
    }

    private static func isContinuation(_ line: Substring) -> Bool {
        [
            " ", "\t", "{", "}", "- ", "+ ", "* ", "to:", "Resource: ", "Name: ", "for: ",
            "from server for: ",
            "conflict with ", "conflicts with ", "Please review ", "are the ways ", "See https",
        ].contains { line.hasPrefix($0) }
    }

    /// Whether it is a line of kubectl's own log: `E1126 09:41:56.517536   32655 memcache.go:287] …`.
    private static func isLog(_ line: Substring) -> Bool {
        guard let first = line.first, "EWIF".contains(first) else { return false }
        return line.dropFirst().prefix(4).allSatisfy(\.isNumber) && line.contains(".go:")
    }

    private init(_ lines: [Substring]) {
        var said = lines[0]
        var name: String?
        var kind: String?
        var namespace: String?
        for line in lines.dropFirst() {
            let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
            if line.hasPrefix("Resource: "), quoted.count > 3 {
                kind = KubectlRefusal.kind(of: quoted[3])
            } else if line.hasPrefix("Name: "), quoted.count > 3 {
                (name, namespace) = (String(quoted[1]), String(quoted[3]))
            } else if line.hasPrefix("for: ") || line.hasPrefix("from server for: ") {
                said = line
            } else if line.hasPrefix("* ") {
                // Each cause of an invalid object that has several; or kubectl's advice.
                if line.contains(": ") { said += " " + line.dropFirst(2) }
            } else if line.hasPrefix("conflict") {
                said += "; " + line
            } else if line.hasPrefix("- .") {
                // The fields of a conflict.
                said += " " + line.dropFirst(2)
            }
        }
        reason = KubectlRefusal.reason(lines[0])
        text = ShownText.line(KubectlRefusal.unframed(String(said)), limit: 20_000)
        if let kind, let name {
            object = Name(kind: kind, name: name, namespace: namespace == "" ? nil : namespace)
        } else {
            object = KubectlRefusal.named(by: text)
        }
        if object != nil, let range = text.firstRange(of: "\" is invalid: ") {
            text = String(text[range.upperBound...])
        }
        text = KubectlRefusal.shortened(text)
    }

    /// `StatefulSet.apps` of `apps/v1, Kind=StatefulSet`.
    private static func kind(of groupVersionKind: Substring) -> String? {
        let parts = groupVersionKind.split(separator: ", Kind=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let group = parts[0].split(separator: "/", omittingEmptySubsequences: false)[0]
        return group.isEmpty ? String(parts[1]) : "\(parts[1]).\(group)"
    }

    /// `Forbidden` of `Error from server (Forbidden): …`.
    private static func reason(_ line: Substring) -> String? {
        let start = "\(KubectlText.server.words) ("
        guard line.hasPrefix(start) else { return line.hasPrefix("The ") ? "Invalid" : nil }
        return String(line.dropFirst(start.count).prefix { $0 != ")" })
    }

    /// What is said, without where kubectl had the object from.
    private static func unframed(_ line: String) -> String {
        for frame in [
            #"error when patching "STDIN": "#, #"error when creating "STDIN": "#,
            #"error when replacing "STDIN": "#, #"from server for: "STDIN": "#,
        ] {
            if let range = line.firstRange(of: frame) { return String(line[range.upperBound...]) }
        }
        for start in ["\(KubectlText.server.words): ", "error: "] where line.hasPrefix(start) {
            return String(line.dropFirst(start.count))
        }
        if line.hasPrefix("\(KubectlText.server.words) ("), let range = line.firstRange(of: "): ") {
            return String(line[range.upperBound...])
        }
        return line.replacing("unable to recognize no matches", with: "no matches")
    }

    /// `The StatefulSet "store" is …`, `configmaps "a" is …`, `Service "a" is …`.
    private static func named(by text: String) -> Name? {
        let words = text.hasPrefix("The ") ? text.dropFirst(4) : text[...]
        let parts = words.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].hasSuffix(" "), !parts[0].dropLast().contains(" "),
            ["is", "already", "was"].contains(where: { parts[2].hasPrefix(" \($0) ") })
                || parts[2].hasPrefix(" not found")
        else { return nil }
        return Name(kind: String(parts[0].dropLast()), name: String(parts[1]), namespace: nil)
    }

    /// Without the Go value that an invalid field has, which may be longer than all else.
    private static func shortened(_ text: String) -> String {
        let values = text.ranges(of: "Invalid value: ")
        guard text.count > 320, values.count == 1, let end = text.ranges(of: "}: ").last,
            end.lowerBound > values[0].upperBound
        else { return ShownText.line(text, limit: 600) }
        let rest = text[end.lowerBound...].dropFirst()
        return ShownText.line(text[..<values[0].upperBound] + "…" + rest, limit: 600)
    }
}

extension KubectlRefusal {
    /// Whether it speaks of this object.
    package func names(_ object: ManifestObject) -> Bool {
        guard let named = self.object else { return isMissingKind(of: object) }
        let kind = named.kind.split(separator: ".", maxSplits: 1)
        guard let first = kind.first else { return false }
        let known = object.kind.lowercased()
        let said = first.lowercased()
        let isKind =
            said == known || said == known + "s" || said == known + "es"
            || known.hasSuffix("y") && said == known.dropLast() + "ies"
        return isKind && (kind.count < 2 || kind[1] == object.group)
            && named.name == object.name
            && (named.namespace == nil || object.namespace == nil
                || named.namespace == object.namespace)
    }

    /// Whether the API does not know this object's kind (yet).
    package func isMissingKind(of object: ManifestObject) -> Bool {
        text.contains(
            "\(KubectlText.noKind.words)\"\(object.kind)\" in version \"\(object.apiVersion)\"")
    }

    /// Whether a field is to be changed that cannot be changed once the object is there.
    package var isImmutable: Bool {
        guard reason == "Invalid" || reason == "Forbidden" || reason == nil else { return false }
        return KubectlText.immutable.areIn(text)
            || KubectlText.updates.isIn(text) && text.contains(" forbidden")
    }

    /// Whether the copy that `kubectl apply` keeps in an annotation would be too long.
    package var isTooLongForAnnotation: Bool { KubectlText.longAnnotation.isIn(text) }

    /// Whether an object is larger than the API takes: 1 MiB of data, or 1.5 or 3 MiB in all.
    package static func isTooLargeForAPI(_ text: String) -> Bool {
        KubectlText.tooLarge.areIn(text)
    }

    /// Whether a server-side apply met fields that others manage.
    package var isFieldConflict: Bool { KubectlText.conflict.isIn(text) }

    /// What others manage, as `kubectl-edit: .data.a .data.b`; empty when it is no such conflict.
    package var conflicts: String {
        guard isFieldConflict, let range = text.firstRange(of: "conflict") else { return "" }
        let said = text[range.lowerBound...].split(separator: ": ", maxSplits: 1)
        return said.count == 2 ? String(said[1]) : ""
    }
}
