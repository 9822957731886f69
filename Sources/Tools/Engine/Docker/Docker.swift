/// docker. On a registry of loopback it needs no TLS, and a name service is on every network that
/// is not its default one.
struct Docker: EngineDialect {
    let hostVariable = "DOCKER_HOST"
    let installation = "install docker - https://docs.docker.com/engine/install"
    let certificateFolder = "/etc/docker/certs.d"

    let ignoreFiles = [".dockerignore"]
    let cacheMountFolder: String? = nil
    let emptyCacheMounts: String? = "docker builder prune --filter type=exec.cachemount"
    let withoutTLS: [String] = []
    let hasDigestFile = false

    func contextNames(of base: ImageBase) -> [String] { [base.reference] }
    func removeNow(_ container: String) -> [String] { ["rm", "--force", container] }
    func labelFormat(_ label: String) -> String { "{{.Label \"\(label)\"}}" }
}
