import Foundation

@testable import Diagnosis
@testable import Forwards
@testable import Registries
@testable import Tools
@testable import Vocabulary
@testable import Workloads

extension FuzzTarget {
    /// What kubectl prints as JSON.
    static let kubectl = reading(
        "kubectl", Samples.objects("kubectl-"),
        words: ["\"replicas\":", "\"restartCount\":", "\"status\":{}", "\"True\"", "Pod", "Job"]
    ) { data, _ in
        if let objects = try? RolloutObjects(parsing: data) {
            let diagnosis = RolloutDiagnosis(objects: objects)
            for workload in objects.workloads {
                _ = RolloutState.judge(workload)
                if let problem = diagnosis.problem(of: workload) {
                    _ = RolloutPatience(problem).isOver(after: .seconds(1))
                    _ = problem.description(of: "deployment/a")
                }
            }
            _ = ComponentCount(objects: objects, annotation: nil).components()
            _ = objects.pods.map { PodOwners(objects).owner(of: $0)?.name }
        }
        _ = try? KubernetesList<ClusterItem>(parsing: data)
        _ = try? KubernetesList<KubernetesEvent>(parsing: data)
        if let list = try? KubernetesList<RemainingObject>(parsing: data) {
            _ = list.items.map { $0.explanation(now: Date(timeIntervalSince1970: 2e9)) }
        }
        for object in try JSONValue(parsing: data)["items"]?.array ?? [] {
            _ = WorkloadStorage(object).blocksRollouts
            _ = NamespaceContent(status: object["status"] ?? .null).summary
            _ = object.keptReplicas
        }
    }

    /// What kubectl prints for people.
    static let kubectlText = reading(
        "kubectl-text",
        Samples.texts([
            "The Deployment \"web\" is invalid: spec.selector: Invalid value: x: field is immutable",
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had taint {a/b: c}, that the",
            "Some resources are remaining: pods. has 2 resource instances, jobs.batch has 1 x",
            "ADDED 12-34   {\"phase\":\"Active\"}", "Warning: policy/v1beta1 is deprecated",
            "error: exceeded quota: q, requested: pods=1,limits.cpu=2, used: pods=3, limited: pods=3",
            "global\0filter.lfs.clean\ngit-lfs clean\0local\0filter.a=b.process\nx\0",
            "error: error validating \"x\": error validating data: [ValidationError(Deployment.spec."
                + "template): unknown field \"a\" in io.k8s.api.core.v1.PodSpec, x]; if you",
            "failed to do request: Head \"https://a/v2/b\": dial tcp: lookup a: no such host",
            "MODIFIED uid {\"conditions\":[{\"type\":\"NamespaceContentRemaining\",\"status\":"
                + "\"True\",\"message\":\"x: pods. has 9 resource instances\"}]}",
        ]) + Samples.files("kubectl-1.32.4-kubernetes-1.20.2-watch-namespace")
    ) { data, _ in
        let text = data.text
        _ = KubectlRefusal.parse(text)
        _ = KubectlFailure.isSilence(text)
        _ = SchedulerMessage.remedy(text)
        _ = (SchemaFault.parse(text), ExceededQuota(text), PullFailure(message: text))
        _ = (KubectlWarnings.texts(text), LockingDatabase.locked(in: text))
        _ = (GitFilters.settings(without: text), RegistryAnnouncement.host(in: text))
        for line in text.split(separator: "\n").prefix(100) {
            if let event = WatchEvent(line: String(line)) {
                _ = NamespaceContent(status: event.status).summary
            }
        }
        let message: JSONValue = [
            "conditions": [
                [
                    "type": "NamespaceContentRemaining", "status": "True",
                    "message": .string(text),
                ]
            ]
        ]
        _ = NamespaceContent(status: message).summary
    }

    /// What podman, docker, kind and the registry's own container print.
    static let engine = reading(
        "engine", Samples.files("podman-", "registry-2.8.2-disk", "kind-"),
        words: ["\"HostPort\":\"5001\"", "Untagged: ", "--\n", "blobs/sha256/", "\"Created\":"]
    ) { data, _ in
        if let containers = try? JSONDecoder().decode([Container].self, from: data) {
            _ = containers.map(\.holdsPorts)
        }
        _ = try? JSONDecoder().decode([ListedContainer].self, from: data)
        _ = try? JSONDecoder().decode(EngineInfo.self, from: data)
        let text = data.text
        let disk = RegistryDisk(listing: text)
        _ = PrunePlan(RegistryContents(), disk: disk, uses: ImageUses(), retention: 1).bytes
        _ = VersionNumber(in: text)
        _ = NodeLook(text)
        for line in text.split(separator: "\n").prefix(100) {
            _ = HumanSize.bytes(line)
            _ = Kind.startedStep(line)
        }
    }

    /// What crictl prints: images, and containers behind a NUL.
    static let crictl = reading(
        "crictl",
        zip(
            Samples.files("crictl-1.32.0-containerd-1.6.20-im"),
            Samples.files("crictl-1.32.0-containerd-1.6.20-ps")
        )
        .map { $0 + Data([0]) + $1 },
        words: ["\"repoTags\":[]", "\"size\":\"", "sha256:", "CONTAINER_RUNNING"]
    ) { data, _ in
        let parts = data.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 2,
            let images = try? JSONDecoder().decode(CrictlImages.self, from: parts[0]),
            let containers = try? JSONDecoder().decode(CrictlContainers.self, from: parts[1])
        else { return }
        let list = NodeImageList(
            node: "n",
            contents: CrictlContents(
                images: images.images, containers: containers.containers, sandboxImage: "pause:1"))
        let all = Set(list.images.flatMap(\.names))
        _ = list.removal(of: all).references.map(\.freedBytes).sum()
    }

    /// The lines that forwards are told by.
    static let forwards = reading(
        "forwards",
        Samples.files(
            "kubectl-1.32.4-kubernetes-1.20.2-forward", "kubectl-1.32.4-port-forward"),
        words: ["|", "Forwarding from 127.0.0.1:", "ADDED|Pod|", "\"containerPort\":", "} {"]
    ) { data, random in
        let lines = data.text.split(separator: "\n").prefix(300)
        let items = lines.compactMap { KubectlWatch.item($0) }
        var view = ClusterView()
        view.beginReading()
        view.endReading(items)
        for item in items.prefix(20) { view.note(item) }
        for target in ["svc/web", "deployment/web", "pod/web", "/", "svc/"] {
            _ = view.choice(
                for: ForwardSpec(
                    name: "a", namespace: items.first?.namespace ?? "n",
                    target: items.isEmpty ? target : "svc/\(items[0].name)", address: "127.0.0.1",
                    port: 1, targetPort: random.pick(["http", "80", "", "-1"]) ?? "80", probe: nil,
                    origin: .configured, id: "1"))
        }
        for line in lines {
            _ = (KubectlForward.port(line), KubectlForward.complaint(line))
            _ = (KubectlForward.isNormal(line), KubectlForward.isRefusal(line))
        }
    }
}
