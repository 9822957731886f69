import Sessions
import Tools
import Vocabulary
import Workloads

/// The error of an apply that was refused: each object with its reason, exactly what was applied
/// and what was not, and the way out.
struct ApplyError: Sendable {
    let session: Session
    /// The namespace of objects that name none.
    let namespace: String
    /// How long it was tried, when it seemed to pass by itself.
    var tried: Duration?

    /// Describes what a call did not do.
    ///
    /// - Throws: when it is interrupted.
    func describing(_ attempt: ApplyAttempt, _ ledger: ApplyLedger) async throws -> DevClusterError
    {
        let fields = ImmutableFields(session: session, namespace: namespace)
        var reasons: [String] = []
        var waysOut: [String] = []
        for refused in attempt.refused {
            let object = refused.object.map { ManifestObject($0) }
            var reason = refused.refusal.text
            if let object, refused.refusal.isImmutable {
                let names = try await fields.names(refused.refusal, in: object)
                if !names.isEmpty {
                    reason =
                        "\(names.joined(separator: ", ")) cannot be changed once it is there: "
                        + reason
                }
                waysOut.append(fields.wayOut(object))
            }
            reasons.append(object.map { "\($0.shownName): \(reason)" } ?? reason)
        }
        let isImmutable = !waysOut.isEmpty && waysOut.count == attempt.refused.count
        let message = headline(reasons, isImmutable: isImmutable)
        let listed = reasons.count > 1 ? reasons : []
        return DevClusterError(
            .failed, RolloutWait.text(message, listed + ledger.summary),
            hint: waysOut.isEmpty ? hint(attempt) : waysOut.joined(separator: "\n      "))
    }

    private func headline(_ reasons: [String], isImmutable: Bool) -> String {
        let time = tried.map { ", also after \(HumanDuration($0))," } ?? ""
        switch reasons.count {
        case 0: return "the cluster refused the manifests, without a word"
        case 1: return "the cluster refused\(time) \(reasons[0])"
        default: return "the cluster refused\(time) \(reasons.count) objects:"
        }
    }

    private func hint(_ attempt: ApplyAttempt) -> String {
        let texts = attempt.refused.map(\.refusal.text)
        if texts.contains(where: KubectlFailure.isNamespaceEnding) {
            return
                "somebody deleted the namespace during the deploy; deploy again: that waits until"
                + " the old one is gone"
        }
        if let kind = attempt.refused.first(where: {
            KubectlText.noKind.isIn($0.refusal.text)
        })?
        .object.map({ ManifestObject($0) }) {
            return kind.hasCustomGroup
                ? "install what defines \(kind.kind) of \(kind.apiVersion), or add its"
                    + " CustomResourceDefinition to spec.manifests"
                : "this cluster does not serve \(kind.kind) of \(kind.apiVersion):"
                    + " 'kubectl --context \(session.place.context) api-resources' lists what it does"
        }
        if texts.contains(where: { KubectlText.silentWebhook.isIn($0) }) {
            return "see why the webhook's pods do not answer: 'kubectl --context"
                + " \(session.place.context) get pods --all-namespaces'; then deploy again"
        }
        if texts.contains(where: KubectlRefusal.isTooLargeForAPI) {
            return "an object can hold 1 MiB: divide it, or put the file into an image or a volume"
        }
        return "correct it and deploy again"
    }
}
