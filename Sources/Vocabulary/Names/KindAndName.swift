import Spelling

/// Reads `KIND/NAME` for the references to Kubernetes objects.
enum KindAndName {
    static func parse<Kind: RawRepresentable<String>>(
        _ text: String, what: String, example: String, kinds: [Kind],
        spellings: (Kind) -> [String]
    ) throws(DevClusterError) -> (Kind, ObjectName) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .invalid(what, text, "it must be KIND/NAME, for example \(example)")
        }
        let word = parts[0].lowercased()
        guard let kind = kinds.first(where: { spellings($0).contains(word) }) else {
            let allowed = kinds.map(\.rawValue).joined(separator: ", ")
            let meant = closestMatch(to: word, in: kinds.flatMap(spellings))
            throw .invalid(
                what, text,
                "\(ShownText.quoted(String(parts[0]))) is none of the kinds \(allowed)"
                    + (meant.map { "; did you mean \($0)?" } ?? ""))
        }
        do throws(DevClusterError) {
            return (kind, try ObjectName(String(parts[1])))
        } catch {
            throw .invalid(what, text, error.message)
        }
    }
}
