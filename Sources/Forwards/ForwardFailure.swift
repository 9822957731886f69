import Vocabulary

/// A forward that cannot be used, and why.
struct ForwardFailure {
    var spec: ForwardSpec
    var error: any Error
}

/// What became of forwards that were asked for at once.
package struct StartedForwards {
    /// Those that can be used.
    package var statuses: [ForwardStatus] = []
    /// The others.
    package var problems: [ForwardProblem] = []
}

/// Why a forward cannot be used, for a report of something else that went well.
public struct ForwardProblem: Codable, Sendable, Equatable {
    /// Its name; nil when none could even be tried.
    public var forward: String?
    /// What went wrong.
    public var message: String
    /// What to do about it.
    public var hint: String?

    init(_ error: any Error, forward: String? = nil) {
        self.forward = forward
        message = (error as? DevClusterError)?.message ?? "\(error)"
        hint = (error as? DevClusterError)?.hint
    }
}

extension [ForwardFailure] {
    /// One error that names all of them; nil for none.
    var error: (any Error)? {
        guard let first, count > 1 else { return first?.error }
        let problems = map { ForwardProblem($0.error) }
        let codes = Set(map { DevClusterError.Code(of: $0.error) })
        var hints: [String] = []
        for hint in problems.compactMap(\.hint) where !hints.contains(hint) { hints.append(hint) }
        return DevClusterError(
            codes.count == 1 ? DevClusterError.Code(of: first.error) : .failed,
            problems.map(\.message).joined(separator: "\n"),
            hint: hints.isEmpty ? nil : hints.joined(separator: "\n      "))
    }
}
