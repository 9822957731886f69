import Clusters
import Sessions

/// A cluster that others made: what a deploy would need of it.
struct ExistingClusterChecks: Sendable {
    let session: Session

    func findings() async -> [Finding] {
        let subject = "cluster \(session.place.context)"
        do {
            let report = try await ExistingClusterCheck(session: session).run()
            guard report.problems.isEmpty else {
                return report.problems.map { Finding(subject, .error, $0) }
            }
            return [
                Finding(
                    subject, .ok,
                    "Kubernetes \(report.version ?? "") answers at \(report.server)")
            ]
        } catch {
            return [
                Finding(
                    subject, .error, "it cannot be looked at: \(Doctor.words(error))",
                    remedy: "kubectl config get-contexts")
            ]
        }
    }
}
