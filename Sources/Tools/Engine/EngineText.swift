/// What podman and docker print.
package enum EngineText {
    /// `cp` of a file that is not there: podman's words, and docker's.
    static let noFile = [
        ToolText("could not be found on container"), ToolText("Could not find the file"),
    ]
}
