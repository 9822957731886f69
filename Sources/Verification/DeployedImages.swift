import Images
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary
import Workloads

/// Which build of each image was deployed last, to find the containers that run an earlier one.
///
/// A tag that was put back by hand is fresh by its digest: only the records know better.
struct DeployedImages: Sendable {
    private struct Deployed: Sendable {
        var tag: String
        var digest: Digest?
        /// When it was deployed: what was built later is no earlier build.
        var time: Date
        /// Where; nil for the deploy that is being verified, which looks at its own only.
        var namespaces: Set<String>?
    }

    private var last: [String: Deployed] = [:]
    /// When each tag, and each digest, was pushed first.
    private var pushed: [ManifestName: Date] = [:]
    private let origins: RecordedOrigins

    /// - Parameters:
    ///   - built: what is being deployed, which no record knows yet.
    ///   - builds: every recorded build.
    /// - Throws: `DevClusterError` when the records cannot be read.
    init(session: Session, built: [BuiltImage], builds: [BuildRecord]) throws {
        for image in built {
            last[image.name] = Deployed(tag: image.tag, digest: image.digest, time: Date())
        }
        // One that did not come to the verification may not have changed the pods.
        let records = try DeployHistory(session: session).records().filter { $0.verdicts != nil }
        // What left one of them may run on there.
        let namespaces = Set(records.flatMap { ($0.namespaces ?? []) + [$0.namespace] })
        for record in records {
            for image in record.images where last[image.name] == nil {
                last[image.name] = Deployed(
                    tag: image.tag, digest: image.digest, time: record.time,
                    namespaces: namespaces)
            }
        }
        let builds = last.isEmpty ? [] : builds
        origins = RecordedOrigins(builds)
        for build in builds {
            let names = [build.image.tag, build.image.digest?.description].compactMap(\.self)
            for name in names {
                let name = ManifestName(repository: build.image.name, reference: name)
                pushed[name] = min(pushed[name] ?? build.time, build.time)
            }
        }
    }

    /// The same container, stale if it runs an earlier build than was deployed last.
    ///
    /// A Job ends with what it began with: one that was begun before the deploy is not judged.
    func judged(_ container: JudgedContainer, _ pair: RegistryComparison.Pair) -> JudgedContainer {
        guard container.verdict.isFresh, let deployed = last[pair.name.repository],
            deployed.namespaces?.contains(container.subject.namespace) ?? true,
            deployed.tag != pair.name.reference,
            deployed.digest == nil
                || ![container.running, container.served].contains(deployed.digest),
            let time = pushed[pair.name] ?? UniqueTag.time(of: pair.name.reference),
            time < deployed.time
        else { return container }
        var earlier = container
        guard !pair.subject.isOfJob else {
            earlier.verdict = .notJudged
            earlier.reason = ShownText.line(
                "its job was begun with an earlier build, \(pair.name.reference), and ends with it")
            return earlier
        }
        earlier.verdict = .stale
        earlier.cause = .notDeployed
        earlier.deployed = deployed.tag
        earlier.origin =
            origins.origin(of: container, in: pair.name)
            ?? ImageOrigin(tag: pair.name.reference, builtAt: time)
        earlier.reason = ShownText.line(
            "it runs another build, \(pair.name.reference); deployed last was \(deployed.tag)")
        return earlier
    }
}

extension VerificationSubject {
    /// Whether a Job made it.
    fileprivate var isOfJob: Bool { owner?.name.hasPrefix("job/") ?? false }
}
