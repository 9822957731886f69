import SystemLibraries

/// The answer to a request, or why there is none.
package struct HTTPResponse: Sendable, Equatable {
    /// HTTP status; 0 when there was no answer.
    package var status: Int
    /// Headers of the last response, names in lower case.
    package var headers: [String: String]
    /// Body.
    package var body: Data
    /// Why there is no (whole) answer, in curl's words; nil when there is.
    package var failure: String?
    /// Whether that holds for every request to the server: not reached, or silent.
    var isUnreachable = false

    /// An answer that did not come.
    static func none(_ failure: String, isUnreachable: Bool = false) -> HTTPResponse {
        HTTPResponse(
            status: 0, headers: [:], body: Data(), failure: failure, isUnreachable: isUnreachable)
    }

    /// Whether the status is 200 to 299 and the answer is whole.
    package var isSuccess: Bool { failure == nil && (200..<300).contains(status) }
}
