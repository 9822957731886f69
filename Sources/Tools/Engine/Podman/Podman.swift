import ChildProcess
import SystemLibraries
import Vocabulary

/// podman. What it leaves behind when it is killed is in the other files of this folder.
struct Podman: EngineDialect {
    let hostVariable = "CONTAINER_HOST"
    let installation =
        "install podman (Debian and Ubuntu: apt install podman; Fedora: dnf install podman;"
        + " macOS: brew install podman) - https://podman.io"
    let certificateFolder = "/etc/containers/certs.d"

    let ignoreFiles = [".containerignore", ".dockerignore"]
    // buildah's GetTempDir; tried with podman 4.3.1, where --no-cache alone keeps them.
    let cacheMountFolder: String? = "TMPDIR"
    let withoutTLS = ["--tls-verify=false"]
    let hasDigestFile = true

    let buildsOnIDs = true
    // podman 4.3.1 compares what stands in the Containerfile, `$BASE`; its later ones the reference.
    func contextNames(of base: NamedContext) -> [String] { [base.text, base.reference] }
    /// A machine's own TMPDIR cannot be set from here: buildah's `internal/volumes` asks where it
    /// runs, and keeps the mounts in `buildah-cache-UID` there.
    func emptyCacheMounts(isRemote: Bool) -> String? {
        isRemote ? #"podman machine ssh "rm -rf /var/tmp/buildah-cache-*""# : nil
    }
    func removeNow(_ container: String) -> [String] { ["rm", "--force", "-t", "0", container] }

    /// podman 4.3.1 makes networks without a name service when told to (`network create
    /// --disable-dns`), or without aardvark-dns.
    func hasNameService(_ network: String, of engine: Engine) async throws -> Bool {
        let outcome = try await engine.run([
            "network", "inspect", network, "--format", "{{.DNSEnabled}}",
        ])
        return outcome.text.trimmingSpace != "false"
    }

    func halfRemoved(_ names: [String], of engine: Engine) async throws -> [String: Container] {
        try await PodmanRemains(engine: engine).halfRemoved(names)
    }

    func removeRemains(named names: [String], of engine: Engine) async throws -> Bool {
        try await PodmanRemains(engine: engine).removeStored(named: names)
    }

    func removeBuildRemains(since start: Date, of engine: Engine) async {
        await PodmanRemains(engine: engine).removeWorkingContainers(since: start)
    }

    /// Without root, some of it belongs to users that exist in the builds only.
    func remove(cacheMounts folder: String, of engine: Engine) async {
        _ = try? await withUncancelled {
            try await engine.run(["unshare", "rm", "-rf", folder], effect: .changes)
        }
    }
}
