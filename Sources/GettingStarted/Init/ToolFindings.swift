/// What a tool's file says of a project.
struct ToolFindings: Sendable, Equatable {
    /// The file.
    var origin: String?
    var images: [ImageFinding] = []
    var manifests: [ManifestFinding] = []
    var forwards: [ForwardFinding] = []
    /// What cannot be taken over.
    var remarks: [String] = []

    /// All of several files of one tool.
    init(_ all: [ToolFindings]) {
        origin = all.first?.origin
        images = all.flatMap(\.images)
        manifests = all.flatMap(\.manifests)
        forwards = all.flatMap(\.forwards)
        remarks = all.flatMap(\.remarks)
    }

    /// Nothing found yet in this file.
    init(origin: String) { self.origin = origin }
}
