import Images
import Sessions
import Settings
import StateFiles
import Tools
import Vocabulary

/// Tells which containers are another configuration's: what these should run, only that one knows.
struct OtherConfigurations: Sendable {
    private let project: String
    private let home: String
    /// The images that this configuration builds, or deployed once; nil where it names none, so that
    /// any may be its own.
    private var own: Set<String>?
    /// The images that others deployed.
    private var deployed: Set<String> = []
    private var tags = OwnTags()
    /// The builds that only others deployed, with the namespace of the configuration.
    private var builds: [ManifestName: String] = [:]

    /// - Parameter repositories: those of the images that are looked at.
    /// - Throws: `DevClusterError` when the records cannot be read.
    init(session: Session, repositories: Set<String>) throws {
        project = session.place.cluster
        home = session.configuration.namespace.description
        let all = try session.records.records(DeployRecord.self)
        for record in all where record.namespace != home {
            for image in record.images {
                builds[ManifestName(repository: image.name, reference: image.tag)] =
                    record.namespace
            }
        }
        for image in all.filter({ $0.namespace == home }).flatMap(\.images) {
            builds[ManifestName(repository: image.name, reference: image.tag)] = nil
        }
        let named = Set(session.configuration.images.map(\.name.description))
        let strangers = repositories.subtracting(named)
        guard !named.isEmpty, !strangers.isEmpty else { return }
        let mine = try DeployHistory(session: session).records()
        let own = named.union(mine.flatMap(\.images).map(\.name))
        deployed = Set(all.flatMap(\.images).map(\.name)).subtracting(own)
        if !strangers.subtracting(own).subtracting(deployed).isEmpty {
            tags = try session.ownTags
        }
        self.own = own
    }

    /// Why a container is not judged by this configuration; nil where it is.
    ///
    /// The labels say who deployed an object, but two configurations may share one namespace: then
    /// it is the image that tells them apart.
    func claim(on subject: VerificationSubject, running name: ManifestName) -> String? {
        if let deployer = subject.deployer {
            if deployer.project != project {
                return ShownText.line("the configuration '\(deployer.project)' deployed it")
            }
            if let theirs = deployer.home, theirs != home {
                return ShownText.line("the configuration of namespace \(theirs) deployed it")
            }
        }
        if subject.mayBeOthers, subject.deployer?.home == nil, let theirs = builds[name] {
            return ShownText.line("it runs a build of the configuration of namespace \(theirs)")
        }
        guard let own, !own.contains(name.repository),
            deployed.contains(name.repository)
                || tags.time(of: name.reference, in: name.repository) != nil
        else { return nil }
        return ShownText.line("another configuration builds \(name.repository)")
    }
}
