import ChildProcess
import Clusters
import Registries
import Sessions
import StateFiles
import SystemLibraries
import Templates
import Tools
import Vocabulary

/// The configured cluster and its registry, as far as they are there.
struct ClusterChecks: Sendable {
    let session: Session

    private var place: ClusterPlace { session.place }

    func findings() async -> [Finding] {
        let found: [Container]
        let registry: Container?
        do {
            async let nodes = session.engine.nodes(ofCluster: place.cluster)
            async let containers = session.engine.containers(named: [place.registry.name])
            found = try await nodes
            registry = try await containers[place.registry.name]
        } catch {
            return [
                Finding(
                    "cluster \(place.cluster)", .error,
                    "its containers cannot be looked at: "
                        + Doctor.words(error), remedy: "\(session.engine.name.rawValue) ps --all")
            ]
        }
        async let registries = registryFindings(registry, isNeeded: !found.isEmpty)
        guard !found.isEmpty else {
            return await registries + [missing()]
        }
        let members = found.filter { !$0.isLoadBalancer }
        async let nodes = nodeFindings(members)
        async let api = apiFindings()
        async let system = SystemChecks(kubectl: kubectl).findings()
        async let kubeconfig = kubeconfigFinding()
        return await registries + nodes + api + system + [kubeconfig].compactMap(\.self)
    }

    private func missing() -> Finding {
        let subject = "cluster \(place.cluster)"
        do {
            guard try place.record.read() != nil else {
                return Finding(subject, .info, "there is none yet", remedy: "devcluster up")
            }
        } catch {
            return Finding(subject, .error, error.message, remedy: error.hint)
        }
        return Finding(
            subject, .error, "it was made, and its containers are gone", remedy: "devcluster up",
            fix: .up)
    }

    private func registryFindings(_ container: Container?, isNeeded: Bool) async -> [Finding] {
        let subject = "registry \(place.registry.name)"
        guard isNeeded || container != nil else { return [] }
        let decision = RegistryDecision.decide(container, spec: place.registry)
        guard decision == .keep else {
            if case .refuse(let reason, let hint) = decision {
                return [Finding(subject, .error, reason, remedy: hint)]
            }
            return [
                Finding(
                    subject, isNeeded ? .error : .info,
                    decision.reasons.joined(separator: ", "), remedy: "devcluster up",
                    fix: isNeeded ? .up : nil)
            ]
        }
        let client = RegistryClient(
            baseURL: place.registryURL, curl: Curl(runner: session.runner))
        do {
            guard let problem = try await client.problem() else {
                return [Finding(subject, .ok, "it answers at \(place.registryHost)")]
            }
            return [
                Finding(
                    subject, .error, "it does not answer at \(place.registryHost): \(problem)",
                    remedy: "devcluster up", fix: .up)
            ]
        } catch {
            return [
                Finding(
                    subject, .error,
                    "it does not answer at \(place.registryHost): \(Doctor.words(error))",
                    remedy: "devcluster up", fix: .up)
            ]
        }
    }

    private func nodeFindings(_ nodes: [Container]) async -> [Finding] {
        await withTaskGroup(of: [Finding].self) { group in
            for node in nodes {
                group.addTask { await NodeChecks(session: session, node: node).findings() }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// The API through our own kubeconfig.
    private var kubectl: Kubectl {
        Kubectl(
            context: place.context, kubeconfig: place.kubeconfig, runner: session.runner)
    }

    /// The versions of client and server.
    private func apiFindings() async -> [Finding] {
        let subject = "API of \(place.context)"
        do {
            let said = try await kubectl.versions()
            guard let server = said.server.flatMap({ VersionNumber(in: $0) }),
                let client = said.client.flatMap({ VersionNumber(in: $0) })
            else { return [Finding(subject, .warning, "it does not tell its version")] }
            let evidence =
                "Kubernetes \(said.server ?? ""), kubectl \(said.client ?? "")"
            // kubernetes.io/releases/version-skew-policy: one minor version either way.
            return abs(server.minor - client.minor) <= 1
                ? [Finding(subject, .ok, evidence)]
                : [
                    Finding(
                        subject, .info,
                        evidence + ": more than the one minor version apart that kubectl supports")
                ]
        } catch {
            return [
                Finding(
                    subject, .error, "it does not answer: \(Doctor.words(error))",
                    remedy: "devcluster up", fix: .up)
            ]
        }
    }

    /// Whether the user's own kubeconfig leads to this cluster.
    private func kubeconfigFinding() async -> Finding? {
        let subject = "kubeconfig"
        do {
            let kubeconfig = UserKubeconfig(session: session)
            guard try await kubeconfig.isRight() else {
                return Finding(
                    subject, .error, "the entry \(place.context) is missing, or leads elsewhere",
                    remedy: "devcluster up", fix: .up)
            }
            return Finding(subject, .ok, "the entry \(place.context) is right")
        } catch {
            return Finding(
                subject, .error, "it cannot be read: \(Doctor.words(error))",
                remedy: "kubectl config view")
        }
    }
}

extension Doctor {
    /// An error in one line.
    static func words(_ error: any Error) -> String {
        NodeProblem(node: "", error).reason
    }
}
