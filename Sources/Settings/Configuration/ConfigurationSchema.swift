import Vocabulary

/// Every field of `devcluster.yaml`: the only place where one is described.
package enum ConfigurationSchema {
    /// The version that this binary reads.
    package static let apiVersion = "devcluster.dev/v1"
    /// The kind of the document.
    package static let kind = "DevCluster"

    /// What every document begins with.
    static let header: [SchemaField] = [
        .required("apiVersion", .choice([apiVersion]), "Version of the format."),
        .required("kind", .choice([kind]), "Kind of the document."),
    ]

    /// What may follow.
    static let fields: [SchemaField] = [
        .field("metadata", .object(metadata), "What the project is called."),
        .field("spec", .object(spec), "What the project needs."),
    ]

    private static let metadata: [SchemaField] = [
        .field(
            "name", .text(ClusterName.self, "cluster name"), default: "devcluster",
            "Name of the cluster and of the project.")
    ]

    private static let spec: [SchemaField] = [
        .field(
            "engine", .choice(EngineName.self), absent: "that of the cluster, or what answers",
            "Container engine."),
        .field("cluster", .object(cluster), "The cluster."),
        .field("registry", .object(registry), "The image registry."),
        .field(
            "namespace", .text(NamespaceName.self, "namespace"), default: "default",
            "Namespace that everything is deployed to."),
        .field(
            "componentAnnotation", .text(AnnotationKey.self, "annotation key"),
            absent: "the owning workload", "Annotation that status counts components by."),
        .field(
            "tagPolicy", .choice(Configuration.TagPolicy.self), default: "unique",
            "How tags of built images are chosen."),
        .field("retention", .object(retention), "What is kept of older builds."),
        .field("images", .list(.object(image)), default: [], "Images to build."),
        .field(
            "manifests", .list(.either(.path, manifest)), default: [],
            "Manifests to apply: a file, folder, kustomization or pattern such as k8s/*.yaml, a"
                + " program that prints them, or a Helm chart."),
        .field("locks", .list(.object(lock)), default: [], "Workloads whose locks may be cleared."),
        .field("forwards", .list(.object(forward)), default: [], "Local ports that lead to pods."),
        .field(
            "preload", .list(.text(ImageReference.self, "image reference")), default: [],
            "Third-party images to put into registry and nodes."),
        .field("timeouts", .object(timeouts), "How long things may take."),
    ]

    private static let cluster: [SchemaField] = [
        .field(
            "nodeImage", .text(ImageReference.self, "image reference"),
            absent: "the one built into kind", "Image of the nodes."),
        .field("controlPlanes", .count(1...9), default: 1, "Control plane nodes."),
        .field("workers", .count(0...100), default: 0, "Worker nodes."),
        .field(
            "portMappings", .list(.object(portMapping)), default: [],
            "Ports of this machine that lead to ports of the nodes."),
        .field(
            "kindConfig", .path, absent: "none",
            "Your own kind file; devcluster's settings are merged in, conflicts are errors."),
        .field(
            "kubeContext", .text(ContextName.self, "context"), absent: "a cluster made by kind",
            "Context of an existing cluster, instead of the fields above; changed only with"
                + " --allow-context."),
    ]

    private static let portMapping: [SchemaField] = [
        .required("hostPort", .port, "Port on this machine."),
        .required("nodePort", .port, "Port on the node."),
        .field(
            "address", .text(IPAddress.self, "IP address"), default: "127.0.0.1",
            "Address on this machine."),
        .field(
            "protocol", .choice(Configuration.PortMapping.TransportProtocol.self), default: "TCP",
            "Protocol."),
    ]

    private static let registry: [SchemaField] = [
        .field(
            "name", .text(ContainerName.self, "container name"), default: "kind-registry",
            "Container of our registry; several clusters may share it."),
        .field("port", .port, default: 5001, "Its port on this machine, bound to 127.0.0.1."),
        .field(
            "image", .text(ImageReference.self, "image reference"),
            default: "docker.io/library/registry:2", "Its image."),
        .field(
            "volume", .text(VolumeName.self, "volume name"), default: "kind-registry-data",
            "Volume with its data; survives every recreate."),
        .field(
            "host", .text(RegistryLocation.self, "registry host, with a path or without"),
            absent: "our own registry",
            "An existing registry, instead of the fields above; logins and certificates are the"
                + " engine's."),
        .field(
            "pullSecret", .text(ObjectName.self, "name of a Secret"), absent: "none",
            "Secret that pods pull with from host; deploy --create-pull-secret makes it."),
        .field(
            "mirrors", .list(.text(RegistryHost.self, "registry host")), default: [],
            "Registries that get a pull-through cache on the cluster's network."),
    ]

    private static let retention: [SchemaField] = [
        .field("tags", .count(1...10_000), default: 10, "Tags kept in each repository.")
    ]

    private static let image: [SchemaField] = [
        .required(
            "name", .text(RepositoryName.self, "repository name"),
            "Name of the image and of its repository."),
        .field("context", .path, default: ".", "Build context."),
        .field(
            "containerfile", .path, absent: "Containerfile or Dockerfile in the context",
            "Containerfile."),
        .field("target", .anyText, absent: "the last stage", "Stage to build."),
        .field("buildArgs", .map, default: [:], "Values for ARG lines."),
        .field(
            "matches", .list(.repositoryReference), default: [],
            "Further references in manifests that mean this image."),
        .field(
            "paths", .list(.object(imagePath)), default: [],
            "Further places where manifests name this image."),
    ]

    private static let imagePath: [SchemaField] = [
        .required(
            "kind", .text(ObjectKind.self, "kind, as Site or Site.example.com"),
            "Kind of the objects."),
        .required(
            "jsonPath", .text(JSONPath.self, "JSONPath such as .spec.image"),
            "Path to the reference, which has to be the whole value."),
    ]

    /// The forms that a source of manifests can have beside a path.
    private static let manifest: [SchemaField] = [
        .field(
            "render", .list(.argument),
            "Program and arguments whose standard output is manifests; runs in this file's folder."),
        .field("helm", .object(chart), "A Helm chart, rendered by 'helm template'."),
    ]

    private static let chart: [SchemaField] = [
        .required("chart", .path, "Folder or archive of a Helm chart."),
        .field(
            "release", .text(ReleaseName.self, "release name"), absent: "metadata.name",
            "Name of the release."),
        .field("values", .list(.path), default: [], "Files with values; the last one wins."),
        .field(
            "set", .values, default: [:],
            "Single values by Helm's keys, such as image.tag; they win over files."),
    ]

    private static let lock: [SchemaField] = [
        .required(
            "workload", .text(WorkloadReference.self, "workload such as deployment/mongodb"),
            "Workload that is stopped before its successor starts."),
        .field(
            "method", .choice(Configuration.Lock.Method.self), default: "scale",
            "How its lock is cleared."),
    ]

    private static let forward: [SchemaField] = [
        .required(
            "name", .text(ForwardName.self, "forward name"), "Name of the forward in commands."),
        .required(
            "target", .text(TargetReference.self, "target such as svc/gateway"),
            "Service, pod, deployment or statefulset."),
        .required("port", .port, "Port on this machine."),
        .field("targetPort", .targetPort, absent: "the same as port", "Port of the target."),
        .field(
            "namespace", .text(NamespaceName.self, "namespace"), absent: "spec.namespace",
            "Namespace of the target."),
        .field(
            "address", .text(IPAddress.self, "IP address"), default: "127.0.0.1",
            "Address on this machine."),
        .field(
            "probe", .text(HTTPProbe.self, "probe such as http /healthz"), absent: "none",
            "Request that has to succeed before clients are let through."),
    ]

    private static let timeouts: [SchemaField] = [
        .field("build", .duration, default: "60m", "Building one image."),
        .field("push", .duration, default: "15m", "Pushing one image."),
        .field("rollout", .duration, default: "5m", "Rolling out one workload."),
        .field("delete", .duration, default: "20m", "Deleting a namespace or manifests."),
        .field(
            "child", .duration, default: "30s",
            "Any other child process; at least 30s if it changes something."),
    ]
}

extension ConfigurationSchema {
    /// Every field that has one place and one value, so that a variable or flag can set it.
    static let scalars: [(path: FieldPath, scalar: SchemaScalar)] = all.compactMap { path, field in
        if case .scalar(let scalar) = field.type { (path, scalar) } else { nil }
    }

    /// Every field outside lists, with its path, in the order of the file.
    static let all: [(path: FieldPath, field: SchemaField)] = flattened(fields, below: "")

    private static func flattened(
        _ fields: [SchemaField], below path: FieldPath
    ) -> [(path: FieldPath, field: SchemaField)] {
        fields.flatMap { field -> [(path: FieldPath, field: SchemaField)] in
            let place = path.appending(field.name)
            guard case .object(let members) = field.type else { return [(place, field)] }
            return [(place, field)] + flattened(members, below: place)
        }
    }
}
