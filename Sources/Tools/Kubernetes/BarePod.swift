import Vocabulary

/// A pod that nothing owns, seen as a workload of one pod.
extension KubernetesWorkload {
    /// The pod, whose phase is told by the conditions of a Job.
    package init(_ pod: KubernetesPod) {
        let template = Template(
            metadata: nil,
            spec: Template.Spec(
                containers: pod.spec.containers, initContainers: pod.spec.initContainers))
        var spec = Spec()
        spec.replicas = 1
        spec.template = template
        var status = Status()
        status.replicas = 1
        status.updatedReplicas = pod.otherNamed.isEmpty ? 1 : 0
        status.readyReplicas = pod.isReady ? 1 : 0
        switch pod.status?.phase {
        case "Succeeded": status.conditions = [ObjectCondition(type: "Complete", status: "True")]
        case "Failed":
            status.conditions = [
                ObjectCondition(
                    type: "Failed", status: "True", reason: pod.status?.reason,
                    message: pod.status?.message ?? pod.endings)
            ]
        default: break
        }
        var metadata = pod.metadata
        // What counts for pods where they have one is in another place, and newer than 1.32.
        metadata.generation = nil
        self.init(kind: "Pod", metadata: metadata, spec: spec, status: status)
    }

    /// Whether it ends instead of running on.
    package var endsByItself: Bool {
        switch kind {
        case "Job", "CronJob": true
        case "Pod": status?.conditions?.isEmpty == false
        default: false
        }
    }
}

extension KubernetesPod {
    /// The running containers whose status names another image than their spec: one that was changed
    /// in the pod itself is replaced by the kubelet in its own time, and of several names of one
    /// content the status has any.
    package var otherNamed: [ContainerStatus] {
        let statuses = status?.containerStatuses ?? []
        return spec.containers.compactMap { container in
            guard let status = statuses.first(where: { $0.name == container.name }),
                status.state?.running != nil,
                let wanted = try? ImageReference(container.image).normalized,
                let running = try? ImageReference(status.image).normalized,
                wanted.description != running.description
            else { return nil }
            return status
        }
    }

    /// How long the kubelet may need to replace a container.
    package var replacementTime: Duration {
        (spec.terminationGracePeriodSeconds ?? 30).adding(10).seconds
    }

    /// How its programs ended, where they failed.
    fileprivate var endings: String? {
        let statuses =
            (status?.initContainerStatuses ?? []) + (status?.containerStatuses ?? [])
        let texts = statuses.compactMap { status -> String? in
            guard let end = status.state?.terminated, end.exitCode != 0 else { return nil }
            return "container \(status.name) ended with exit code \(end.exitCode)"
        }
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }
}
