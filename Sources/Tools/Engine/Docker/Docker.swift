/// docker. On a registry of loopback it needs no TLS, and a name service is on every network that
/// is not its default one.
struct Docker: EngineDialect {
    let hostVariable = "DOCKER_HOST"
    let installation = "install docker - https://docs.docker.com/engine/install"
    let certificateFolder = "/etc/docker/certs.d"

    let ignoreFiles = [".dockerignore"]
    // Else an image of the containerd store is an index with times and a random number in it, and
    // has another ID after each build (buildx build/opt.go, moby/moby#48391). The builder of before
    // ignores it.
    let buildEnvironment = ["BUILDX_NO_DEFAULT_ATTESTATIONS": "1"]
    let cacheMountFolder: String? = nil
    let withoutTLS: [String] = []
    let hasDigestFile = false

    let buildsOnIDs = false
    func contextNames(of base: NamedContext) -> [String] { [base.reference] }
    func emptyCacheMounts(isRemote: Bool) -> String? {
        "docker builder prune --filter type=exec.cachemount"
    }
    func removeNow(_ container: String) -> [String] { ["rm", "--force", container] }
}
