/// Values of flags that kubectl and Helm take apart at commas, as Go's `StringSlice` does.
enum CommaSeparated {
    /// The text as one value, however many commas are in it.
    static func value(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
