/// One HTTP request.
package struct HTTPRequest: Sendable, Equatable {
    /// Method; `HEAD` reads no body.
    package enum Method: String, Sendable {
        /// Headers only.
        case head = "HEAD"
        /// Headers and body.
        case get = "GET"
        /// Removes what the URL names.
        case delete = "DELETE"
        /// Stores the body under the URL.
        case put = "PUT"
    }

    /// Method.
    package var method: Method
    /// Absolute http or https URL.
    package var url: String
    /// Header lines, as `Name: value`.
    package var headers: [String]
    /// What is sent; nil for nothing.
    package var body: String?
    /// For https; nil leaves them to `Curl`.
    package var certificates: HTTPCertificates?

    /// A request.
    package init(_ method: Method, _ url: String, headers: [String] = [], body: String? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Whether curl can be told of it: what it reads ends a value at NUL, and a header at a line's
    /// end, so that a control character would make something else of it, or of those after it.
    var isPlain: Bool {
        ([url] + headers).allSatisfy { text in
            text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        } && body?.contains("\0") != true
    }

    /// Whether it may be shown: it carries no credentials.
    var isShowable: Bool {
        !headers.contains { $0.lowercased().hasPrefix("authorization") }
    }
}
