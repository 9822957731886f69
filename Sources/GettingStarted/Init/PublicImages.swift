import Vocabulary

/// Images that projects use and do not build.
enum PublicImages {
    private static let official: Set<String> = [
        "adminer", "alpine", "busybox", "caddy", "cassandra", "consul", "couchdb", "debian",
        "docker",
        "eclipse-mosquitto", "elasticsearch", "fedora", "ghost", "golang", "grafana", "haproxy",
        "httpd", "influxdb", "kibana", "kong", "logstash", "mariadb", "memcached", "mongo",
        "mongo-express", "mysql", "nats", "nginx", "node", "openjdk", "pause", "percona", "php",
        "postgres", "python", "rabbitmq", "redis", "registry", "ruby", "rust", "solr", "swift",
        "telegraf", "tomcat", "traefik", "ubuntu", "vault", "wordpress", "zookeeper",
    ]
    private static let registries: Set<String> = [
        "registry.k8s.io", "k8s.gcr.io", "mcr.microsoft.com", "public.ecr.aws", "docker.elastic.co",
        "cr.fluentbit.io", "nvcr.io", "registry.access.redhat.com",
    ]
    private static let owners: Set<String> = [
        "bitnami", "grafana", "prom", "prometheus", "jaegertracing", "openzipkin", "hashicorp",
        "confluentinc", "minio", "curlimages", "envoyproxy", "istio", "otel", "fluent", "rancher",
        "kindest", "kiwigrid", "mailhog", "axllent", "localstack", "provectuslabs", "dpage",
        "jetstack", "argoproj", "projectcontour", "coreos", "brancz", "oliver006", "calico",
        "cilium", "metallb", "longhornio", "strimzi", "postgis", "timescale", "apache",
        "kubebuilder",
    ]

    /// Whether it is well known.
    static func contains(_ reference: ImageReference) -> Bool {
        let normalized = reference.normalized
        let parts = normalized.path.split(separator: "/").map(String.init)
        if registries.contains(normalized.registry ?? "") { return true }
        if parts.count == 2, parts[0] == "library" { return official.contains(parts[1]) }
        return parts.first.map { owners.contains($0) } ?? false
    }
}
