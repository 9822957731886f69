import Tools
import Vocabulary

/// Text as YAML is written.
package enum YAMLText {
    /// The text as a YAML string: in quotes unless it is a plain word in every version of YAML.
    package static func scalar(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_.\/-]*/) != nil
        let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        return isPlain && !words.contains(text.lowercased()) ? text : quoted(text)
    }

    /// A value within braces: YAML takes JSON as it is.
    package static func flow(_ value: JSONValue) -> String {
        if let text = value.string { return scalar(text) }
        let data = try? value.encoded()
        return data.map { String(decoding: $0, as: UTF8.self).trimmingSpace } ?? "null"
    }

    /// The text as a YAML string in quotes.
    package static func quoted(_ text: String) -> String {
        let data = try? JSONValue.string(text).encoded()
        return data.map { String(decoding: $0, as: UTF8.self).trimmingSpace } ?? "\"\""
    }
}
