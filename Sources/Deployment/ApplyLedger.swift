import Tools
import Vocabulary

/// What an apply has done so far, over all its calls of kubectl.
struct ApplyLedger: Sendable {
    /// What kubectl said of each object.
    var lines: [String] = []
    /// The API's warnings, each once.
    var warnings: [APIWarning] = []
    /// What was applied.
    var applied: [JSONValue] = []
    /// Those that got their name from the API server, with it.
    var created: [JSONValue] = []
    /// What was not applied yet.
    var open: [JSONValue]

    private let namespace: String

    /// - Parameter namespace: where objects are that name none.
    init(_ objects: [JSONValue], namespace: String) {
        (open, self.namespace) = (objects, namespace)
    }

    /// Notes what a call did.
    mutating func add(_ attempt: ApplyAttempt, of call: ApplyCall) {
        lines += attempt.lines
        applied += attempt.applied
        if call.way == .create { created += attempt.applied }
        let missing = Set(attempt.missing)
        let done = Set(call.objects.filter { !missing.contains($0) }.map(placed))
        open = open.filter { !done.contains(placed($0)) }
    }

    mutating func add(_ found: [APIWarning]) {
        warnings += found.filter { !warnings.contains($0) }
    }

    /// The object, with its namespace in any case.
    private func placed(_ object: JSONValue) -> JSONValue {
        var placed = object
        placed["metadata"]?["namespace"] = .string(
            ManifestObject(object).namespace ?? namespace)
        return placed
    }

    /// What was applied and what was not, a line each.
    var summary: [String] { summary(isCertain: true) }

    /// - Parameter isCertain: whether what kubectl did not say to be applied was not.
    func summary(isCertain: Bool) -> [String] {
        let what = isCertain ? "not applied" : "not known to be applied"
        let left = "\(what): \(ApplyLedger.names(open))"
        if applied.isEmpty, !isCertain { return [left] }
        guard !applied.isEmpty else { return ["nothing was applied", left] }
        return ["applied: \(ApplyLedger.names(applied))", left]
    }

    private static func names(_ objects: [JSONValue]) -> String {
        let limit = 40
        let names = objects.prefix(limit).map { ManifestObject($0).shownName }
        let more = objects.count > limit ? ", and \(objects.count - limit) more" : ""
        return names.joined(separator: ", ") + more
    }
}
