/// What podman and docker print.
package enum EngineText {
    /// `cp` of a file that is not there: podman's words, and docker's.
    static let noFile = [
        ToolText(
            "could not be found on container", since: "4.3.1",
            .recording("podman-4.3.1-cp-no-file.txt")),
        ToolText("Could not find the file", .recording("docker-26.1.5-cp-no-file.txt")),
    ]
    /// The kernel's EBUSY: of a removal that was killed, podman finds a mount, and unmounts it.
    static let busy = ToolText("device or resource busy", .run("podman 4.3.1"))
    /// Both print it for each name that is gone.
    static let untagged = ToolText(
        "Untagged: ", since: "4.3.1", .recording("podman-4.3.1-rmi-some.txt"))
    /// What `images` prints in place of a name that an image does not have.
    static let none = ToolText("<none>", .unknown)

    /// docker's builder of before BuildKit, which has no images of other names.
    package static let noBuildContexts = ToolText(
        "unknown flag: --build-context", .run("docker 28.2.2 without buildx"))

    /// docker's word for what a push gave; podman has a file for that.
    static let pushed = ToolText(
        ": digest: ", .recording("docker-26.1.5-push.txt"))

    /// podman build beside a removal of images: `checking if cached image exists from a previous
    /// build: getting top layer info: layer not known`.
    static let lostLayer = ToolText(
        "checking if cached image exists from a previous build", .run("podman 4.3.1"))

    /// podman build: `COPY --from=cfgs: no stage or image found with that name`.
    package static let noStage = ToolText(
        "no stage or image found with that name", .run("podman 4.3.1"))

    static let all = [noStage, lostLayer, pushed, busy, untagged, none, noBuildContexts] + noFile
}
