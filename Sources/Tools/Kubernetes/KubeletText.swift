/// What kubelets, controllers and admission say in logs, conditions and events.
package enum KubeletText {
    private static let recorded = "kubectl-1.32.4-kubernetes-1.20.2-"

    // Probes: `Readiness probe failed: …`.
    package static let failedProbe = ToolText(
        "probe failed", .source("Kubernetes 1.36.3, prober.go"))
    package static let readiness = ToolText("Readiness", .source("Kubernetes 1.36.3, prober.go"))
    package static let startup = ToolText("Startup", .source("Kubernetes 1.36.3, prober.go"))
    /// Of a volume whose Secret, ConfigMap or claim is missing.
    package static let noVolumeSource = ToolText("not found", .unknown)
    /// In place of a log that is gone already.
    package static let noLog = ToolText("unable to retrieve container logs for ", .unknown)
    /// The kubelet limits how many pulls begin in a second.
    static let queue = ToolText(
        "pull QPS exceeded", since: "1.20.2",
        .recording(recorded + "rollout-diagnoses-events.json"))
    /// It was too busy to read a Secret or ConfigMap.
    static let unsynced = ToolText(
        "failed to sync", since: "1.20.2", .recording(recorded + "rollout-evidence-events.json"))
    static let syncTimeout = ToolText(
        "cache: timed out waiting", since: "1.20.2",
        .recording(recorded + "rollout-evidence-events.json"))
    static let attachedElsewhere = ToolText("Multi-Attach error", .source("Kubernetes"))

    static let quota = ToolText(
        "exceeded quota", since: "1.20.2", .recording(recorded + "rollout-quota.json"))
    static let unstatedForQuota = ToolText("failed quota: ", .unknown)
    static let mustSpecify = ToolText(": must specify ", .unknown)
    /// Of a LimitRange: `minimum cpu usage per Container is …`.
    static let limit = ToolText(" usage per ", .unknown)
    static let bound = ToolText("imum ", .unknown)
    static let webhook = [
        ToolText(
            "failed calling webhook", since: "1.20.2",
            .recording(recorded + "rollout-webhook.json")),
        ToolText("admission webhook", .source("Kubernetes 1.36.3")),
    ]

    /// The namespace's controller, of pods that have ended and are still listed
    /// (`deleteAllContentForGroupVersionResource`).
    package static let listedStill = ToolText(
        "unexpected items still remain", .source("Kubernetes 1.36.3"))

    static let all =
        [
            failedProbe, readiness, startup, noVolumeSource, noLog, queue, unsynced, syncTimeout,
            attachedElsewhere, quota, unstatedForQuota,
            mustSpecify, limit, bound, listedStill,
        ] + webhook
}

/// What the scheduler says of a pod that no node takes.
enum SchedulerText {
    private static let recorded = "kubectl-1.32.4-kubernetes-1.20.2-rollout-"

    static let claim = ToolText(
        "persistentvolumeclaim", since: "1.20.2", .recording(recorded + "diagnoses.json"))
    static let unbound = ToolText(
        "unbound", since: "1.20.2", .recording(recorded + "diagnoses.json"))
    static let insufficient = ToolText(
        "Insufficient ", since: "1.20.2", .recording(recorded + "unschedulable.json"))
    static let volumeElsewhere = [
        ToolText("volume node affinity", until: "1.32", .source("Kubernetes")),
        ToolText("PersistentVolume's node affinity", since: "1.33", .source("Kubernetes")),
    ]
    static let ports = ToolText(
        "free ports", since: "1.20.2", .recording(recorded + "evidence.json"))
    /// Of a claim that is `ReadWriteOncePod`.
    static let claimInUse = ToolText(
        "pod using PersistentVolumeClaim with the same name", since: "1.22",
        .source("Kubernetes"))
    /// `had taint {KEY: VALUE}, that the pod didn't tolerate`, later `had untolerated taint {…}`.
    static let taint = ToolText(
        "taint {", since: "1.20.2", until: "1.34", .recording(recorded + "diagnoses.json"))
    /// Without their keys.
    static let unnamedTaints = ToolText(
        "untolerated taint(s)", since: "1.34.9", .source("Kubernetes"))

    static let all =
        [claim, unbound, insufficient, ports, claimInUse, taint, unnamedTaints] + volumeElsewhere
}

/// What containerd and the kernel say, as the kubelet passes it on.
enum ContainerdText {
    private static let recorded = "kubectl-1.32.4-kubernetes-1.20.2-rollout-diagnoses-events.json"

    static let plainHTTP = ToolText(
        "server gave HTTP response to HTTPS client", since: "1.6", .recording(recorded))
    static let untrusted = ToolText("x509: ", .unknown)
    static let unknownHost = ToolText("no such host", since: "1.6", .recording(recorded))
    static let unauthorized = [
        ToolText("401 Unauthorized", since: "1.6", .recording(recorded)),
        ToolText("403 Forbidden", .unknown),
        ToolText("authorization failed", .source("containerd, resolver.go")),
        ToolText("pull access denied", .source("containerd, resolver.go")),
    ]
    static let unreachable = [
        ToolText("connection refused", since: "1.6", .recording(recorded)),
        ToolText("no route to host", .unknown),
        ToolText("i/o timeout", .unknown),
        ToolText("network is unreachable", .unknown),
    ]
    static let notFound = [
        ToolText("code = NotFound", since: "1.6", .recording(recorded)),
        ToolText(": not found", since: "1.6", .recording(recorded)),
        ToolText("manifest unknown", .unknown),
    ]
    static let proxy = ToolText("proxyconnect tcp", .unknown)
    /// The kernel's ENOEXEC.
    static let execFormat = ToolText("exec format error", .unknown)

    static let all =
        [plainHTTP, untrusted, unknownHost, proxy, execFormat] + unauthorized + unreachable
        + notFound
}
