import SystemLibraries
import Tools

/// An image that is probably an old one, although it was just built: its sources changed, it did
/// not, and a command ran with files mounted that the layer cache knows nothing of.
struct StaleBuild: Sendable, Equatable {
    /// The image.
    let name: String
    /// When the same image came from other sources.
    let since: Date

    /// Judges a build by the earlier ones.
    ///
    /// - Parameter records: of any image, oldest first.
    /// - Returns: nil when there is nothing to suspect: another image than ever, an image that
    ///   just these sources gave before, no mounts, every layer built anew, or sources that
    ///   cannot be told.
    init?(_ name: String, imageID: String, inputs: BuildInputs, records: [BuildRecord]) {
        guard inputs.hasMounts, inputs.usedCache, let hash = inputs.contextHash else { return nil }
        let same = records.filter { record in
            record.image.name == name && record.image.imageID == imageID
                && record.inputs?.variant == inputs.variant
                && record.inputs?.contextHash != nil && record.inputs?.isProbablyStale == false
        }
        guard let last = same.last, !same.contains(where: { $0.inputs?.contextHash == hash })
        else { return nil }
        self.name = name
        since = last.time
    }

    /// What the user is told.
    ///
    /// - Parameter isRemote: whether the engine works in a machine or service of its own.
    func warning(_ engine: Engine, isRemote: Bool) -> String {
        let cure = "devcluster deploy --no-cache \(name)"
        let commands =
            engine.dialect.emptyCacheMounts(isRemote: isRemote).map {
                "\($0) && \(cure)"
            } ?? cure
        return "image '\(name)' is probably stale: its sources changed since"
            + " \(since.formatted(.iso8601)), but the build gave the image of then, and a RUN"
            + " --mount of its Containerfile can keep old results; build it anew with"
            + " '\(commands)', or with 'build' in place of 'deploy'"
    }
}
