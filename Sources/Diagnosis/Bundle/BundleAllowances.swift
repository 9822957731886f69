import Tools

/// What a maintainer needs of each file, and nothing else.
extension BundleAllowance {
    /// What `doctor` found.
    static let report: BundleAllowance = [
        "findings": .each(
            ["subject": .prose, "severity": .name, "evidence": .prose, "remedy": .prose])
    ]

    /// podman's `info`, nested, and docker's, flat.
    static let engineInfo: BundleAllowance = [
        "host": [
            "arch": .name, "cgroupControllers": .each(.name), "cgroupManager": .name,
            "cgroupVersion": .name, "cpus": .number,
            "distribution": ["distribution": .name, "version": .name], "kernel": .name,
            "memFree": .number, "memTotal": .number, "networkBackend": .name,
            "ociRuntime": ["name": .name], "os": .name,
            "security": ["rootless": .flag, "selinuxEnabled": .flag],
            "serviceIsRemote": .flag, "swapFree": .number, "swapTotal": .number,
        ],
        "store": [
            "graphDriverName": .name, "graphRootAllocated": .number, "graphRootUsed": .number,
        ],
        "version": ["APIVersion": .name, "Version": .name, "GoVersion": .name, "OsArch": .name],
        "Architecture": .name, "CgroupDriver": .name, "CgroupVersion": .name, "Driver": .name,
        "KernelVersion": .name, "OSType": .name, "OperatingSystem": .title, "NCPU": .number,
        "MemTotal": .number, "ServerVersion": .name,
    ]

    /// `network inspect` of both engines.
    static let network: BundleAllowance = .each([
        "name": .name, "driver": .name, "dns_enabled": .flag, "internal": .flag,
        "ipv6_enabled": .flag, "subnets": .each(["subnet": .address, "gateway": .address]),
        "Name": .name, "Driver": .name, "Internal": .flag, "EnableIPv6": .flag,
        "IPAM": ["Config": .each(["Subnet": .address, "Gateway": .address])],
    ])

    /// Our containers, as `DoctorBundle` describes them.
    static let containers: BundleAllowance = .each([
        "name": .name, "id": .digest, "status": .name, "image": .image,
        "networks": .named(.name, .address),
        "labels": [
            "io.x-k8s.kind.cluster": .name, "io.x-k8s.kind.role": .name,
            "devcluster.dev/managed": .flag, "devcluster.dev/role": .name,
            "devcluster.dev/project": .name,
        ],
        "mounts": .each([
            "type": .name,
            "destination": .value(
                .oneOf(["/var", "/lib/modules", "/dev/mapper", RegistryProgram.dataPath])),
        ]),
        "ports": .each(["hostAddress": .address, "hostPort": .number, "containerPort": .name]),
    ])

    private static let condition: BundleAllowance = [
        "type": .name, "status": .name, "reason": .name, "message": .prose,
        "lastTransitionTime": .time,
    ]

    private static let resources: BundleAllowance = [
        "cpu": .number, "memory": .number, "pods": .number, "ephemeral-storage": .number,
    ]

    /// `kubectl get nodes`.
    static let nodes: BundleAllowance = [
        "items": .each([
            "metadata": ["name": .name, "creationTimestamp": .time],
            "spec": [
                "unschedulable": .flag, "taints": .each(["key": .name, "effect": .name]),
            ],
            "status": [
                "addresses": .each(["type": .name, "address": .address]),
                "allocatable": resources, "capacity": resources, "conditions": .each(condition),
                "nodeInfo": [
                    "architecture": .name, "containerRuntimeVersion": .name,
                    "kernelVersion": .name, "kubeletVersion": .name, "operatingSystem": .name,
                    "osImage": .title,
                ],
            ],
        ])
    ]

    private static let containerState: BundleAllowance = [
        "running": ["startedAt": .time],
        "waiting": ["reason": .name, "message": .prose],
        "terminated": [
            "reason": .name, "exitCode": .number, "signal": .number, "startedAt": .time,
            "finishedAt": .time,
        ],
    ]

    private static let containerStatuses: BundleAllowance = .each([
        "name": .name, "image": .image, "imageID": .image, "ready": .flag,
        "restartCount": .number, "state": containerState, "lastState": containerState,
    ])

    /// `kubectl get pods`.
    static let pods: BundleAllowance = [
        "items": .each([
            "metadata": [
                "namespace": .name, "name": .name, "creationTimestamp": .time,
                "deletionTimestamp": .time,
            ],
            "spec": ["nodeName": .name],
            "status": [
                "phase": .name, "reason": .name, "message": .prose,
                "conditions": .each(condition), "containerStatuses": containerStatuses,
                "initContainerStatuses": containerStatuses,
            ],
        ])
    ]

    /// `kubectl get events`.
    static let events: BundleAllowance = [
        "items": .each([
            "type": .name, "reason": .name, "message": .prose, "count": .number,
            "firstTimestamp": .time, "lastTimestamp": .time,
            "involvedObject": ["kind": .name, "namespace": .name, "name": .name],
            "source": ["component": .name], "reportingComponent": .name,
        ])
    ]

    /// `crictl images`.
    static let crictlImages: BundleAllowance = [
        "images": .each([
            "id": .digest, "repoTags": .each(.image), "repoDigests": .each(.image),
            "size": .number,
        ])
    ]

    /// `crictl ps`.
    static let crictlContainers: BundleAllowance = [
        "containers": .each([
            "id": .digest, "metadata": ["name": .name, "attempt": .number],
            "image": ["image": .image], "state": .name, "createdAt": .number,
        ])
    ]

    /// `cluster.json`.
    static let clusterRecord: BundleAllowance = [
        "version": .number,
        "content": [
            "phase": .name, "nodes": .named(.name, .digest), "nodeImage": .image,
            "registry": .name, "createdAt": .time,
        ],
    ]

    /// A line of `records.jsonl`.
    static let record: BundleAllowance = [
        "version": .number, "kind": .name,
        "record": [
            "time": .time, "seconds": .number, "namespace": .name, "exitCode": .number,
            "error": .prose, "repeats": .time, "commit": .digest, "isDirty": .flag,
            "verdicts": .named(.name, .number),
            "images": .each(["name": .name, "tag": .name, "digest": .digest]),
            "image": [
                "name": .name, "tag": .name, "imageID": .digest, "digest": .digest,
                "buildSeconds": .number, "pushSeconds": .number, "isUnchanged": .flag,
            ],
            "inputs": [
                "contextHash": .digest, "variant": .digest, "hasMounts": .flag,
                "usedCache": .flag, "isProbablyStale": .flag,
            ],
            "steps": .each(["name": .prose, "seconds": .number]),
        ],
    ]
}

extension BundleShape {
    /// The settings of containerd that its image pulls depend on.
    static let containerdSettings: [String: BundleShape] = [
        "version": .number, "config_path": .oneOf(["/etc/containerd/certs.d"]),
        "snapshotter": .name, "sandbox_image": .image, "SystemdCgroup": .flag,
        "default_runtime_name": .name, "discard_unpacked_layers": .flag,
    ]

    /// The settings of a hosts.toml; never its headers.
    static let hostsSettings: [String: BundleShape] = [
        "server": .address, "capabilities": .prose, "skip_verify": .flag,
    ]

    /// Fields of the configuration, with `[]` in place of indices.
    static let configuration: [String: BundleShape] = [
        "apiVersion": .name, "kind": .name, "metadata.name": .name, "spec.engine": .name,
        "spec.cluster.nodeImage": .image, "spec.cluster.controlPlanes": .number,
        "spec.cluster.workers": .number, "spec.cluster.portMappings[].hostPort": .number,
        "spec.cluster.portMappings[].nodePort": .number,
        "spec.cluster.portMappings[].address": .address,
        "spec.cluster.portMappings[].protocol": .name,
        "spec.cluster.kubeContext": .name, "spec.registry.name": .name,
        "spec.registry.port": .number, "spec.registry.image": .image,
        "spec.registry.volume": .name, "spec.namespace": .name, "spec.tagPolicy": .name,
        "spec.retention.tags": .number, "spec.images[].name": .name,
        "spec.images[].matches[]": .image, "spec.locks[].workload": .name,
        "spec.locks[].method": .name, "spec.forwards[].name": .name,
        "spec.forwards[].target": .name, "spec.forwards[].port": .number,
        "spec.forwards[].targetPort": .name, "spec.forwards[].namespace": .name,
        "spec.forwards[].address": .address, "spec.preload[]": .image,
        "spec.timeouts.build": .name, "spec.timeouts.push": .name, "spec.timeouts.rollout": .name,
        "spec.timeouts.delete": .name, "spec.timeouts.child": .name,
    ]
}
