import SystemLibraries
import Vocabulary

/// Why nothing gets on: what is left, and what keeps it.
struct Standstill: Sendable, Equatable {
    /// What stands still: `namespace shop`.
    var subject: String
    var objects: [RemainingObject] = []
    /// API groups that do not answer, with the reason.
    var deadServices: [String] = []
    /// Failures in the controller's own words.
    var failures: [String] = []
    /// Whether nobody works on it at all.
    var isIgnored = false

    /// Whether it goes on by itself, as pods in their grace period do.
    func isSlow(now: Date) -> Bool {
        !isIgnored && deadServices.isEmpty && (!objects.isEmpty || failures.isEmpty)
            && objects.allSatisfy { $0.state(now: now).isSlow }
    }

    /// In a sentence; of many objects the first five.
    func text(now: Date) -> String {
        var reasons = deadServices.map { "the API \($0), so its objects cannot be listed" }
        let shown = objects.sorted { rank($0, now) < rank($1, now) }.prefix(5)
        reasons += shown.map { $0.explanation(now: now) }
        if objects.count > 5 { reasons.append("and \(objects.count - 5) more") }
        if reasons.isEmpty { reasons = failures.map { ShownText.line($0) } }
        if isIgnored {
            reasons.append("no controller has looked at it: does kube-controller-manager run?")
        } else if reasons.isEmpty {
            reasons.append("no pod is left, and its controller names nothing else")
        }
        let what = isSlow(now: now) ? "is slow" : "is stuck"
        return "\(subject) \(what): " + reasons.joined(separator: "; ")
    }

    /// What does not go by itself comes first.
    private func rank(_ object: RemainingObject, _ now: Date) -> Int {
        object.state(now: now).isSlow ? 1 : 0
    }

    /// Objects whose finalizers `--strip-finalizers` takes out.
    ///
    /// Never those with which Kubernetes protects a volume that is in use.
    var strippable: [RemainingObject] {
        objects.filter { !FinalizerRemoval.removable($0).isEmpty }
    }
}
