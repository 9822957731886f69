import ChildProcess
import Vocabulary

extension Outcome {
    /// The JSON document that the program printed.
    ///
    /// - Throws: `DevClusterError` that names the program, when it printed something else.
    package func json() throws(DevClusterError) -> JSONValue {
        do throws(DevClusterError) {
            return try JSONValue(parsing: output)
        } catch {
            throw DevClusterError(
                .failed, "\(invocation.tool) printed \(error.message)",
                hint: "try '\(invocation.shellQuoted)' by hand", cause: error)
        }
    }
}
