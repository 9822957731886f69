import Images
import Sessions
import Settings
import Tools
import Vocabulary

/// Deploys what a recorded deploy ran, by its tags, and proves it.
///
/// Only the images go back: the manifests are those of today.
public struct Rollback: Sendable {
    let session: Session

    /// Works in the configured namespace.
    public init(session: Session) {
        self.session = session
    }

    /// Goes back to a deploy.
    ///
    /// - Parameter number: as `history` counts, 1 being the newest; nil is the newest that was
    ///   proven and ran something else than the last one.
    /// - Throws: `DevClusterError` when there is none, or the registry no longer serves under its
    ///   tags what was recorded; nothing was changed then.
    public func run(_ number: Int? = nil) async throws -> DeployReport {
        try await session.requireCluster()
        let records = try DeployHistory(session: session).records()
        let index = try index(number, records)
        let record = records[index]
        if record.exitCode != 0 {
            session.activity.report(
                .warning(
                    "deploy \(index + 1) itself ended with exit code \(record.exitCode)"
                        + (record.error.map { ": \(ShownText.line($0))" } ?? "")))
        }
        let images = try known(Rollback.images(of: index, records), of: record, number: index + 1)
        try await requireServed(images, number: index + 1)
        return try await Deploy(session: session).redeploy(
            images.map(built), of: record)
    }

    /// What ran after a deploy: its images, and of the others those of the proven one before.
    static func images(of index: Int, _ records: [DeployRecord]) -> [DeployRecord.Image] {
        var images = records[index].images
        for record in records[(index + 1)...] where record.isProven {
            images += record.images.filter { image in !images.contains { $0.name == image.name } }
        }
        return images.sorted { $0.name < $1.name }
    }

    private func index(_ number: Int?, _ records: [DeployRecord]) throws -> Int {
        if let number { return try DeployHistory(session: session).deploy(number).number - 1 }
        let current = records.isEmpty ? [] : Rollback.images(of: 0, records)
        guard
            let index = records.indices.dropFirst().first(where: {
                records[$0].isProven && !Rollback.images(of: $0, records).isEmpty
                    && Rollback.images(of: $0, records) != current
            })
        else {
            throw DevClusterError(
                .failed, "no earlier deploy was proven and ran anything else",
                hint: "devcluster history")
        }
        return index
    }

    /// Those that the configuration still has: of another nothing that is deployed now would run it.
    ///
    /// - Throws: `DevClusterError` naming one that the deploy itself ran.
    private func known(
        _ images: [DeployRecord.Image], of record: DeployRecord, number: Int
    ) throws -> [DeployRecord.Image] {
        let names = Set(session.configuration.images.map(\.name.description))
        if let gone = record.images.first(where: { !names.contains($0.name) }) {
            throw DevClusterError(
                .failed,
                "deploy \(number) ran the image '\(ShownText.line(gone.name))', which spec.images"
                    + " does not have any more",
                hint: "check out that commit and deploy it")
        }
        return images.filter { names.contains($0.name) }
    }

    private func requireServed(_ images: [DeployRecord.Image], number: Int) async throws {
        guard !images.isEmpty else {
            throw DevClusterError(
                .failed, "deploy \(number) had no images of ours", hint: "devcluster history")
        }
        let names = images.map { ManifestName(repository: $0.name, reference: $0.tag) }
        let answers = try await session.registry.digests(of: names)
        let problems = zip(images, names).compactMap { image, name -> String? in
            let tag = "\(image.name):\(image.tag)"
            switch answers[name] {
            case .found(let digest) where digest == image.digest: return nil
            case .found(let digest):
                let recorded = image.digest?.short ?? "an unknown digest"
                return "the registry serves \(digest.short) for \(tag), not \(recorded)"
            case .missing: return "the registry no longer has \(tag)"
            case .unknown(let reason): return "the registry does not say what \(tag) is: \(reason)"
            case nil: return "the registry does not say what \(tag) is"
            }
        }
        guard problems.isEmpty else {
            throw DevClusterError(
                .failed,
                "deploy \(number) cannot be repeated: " + problems.joined(separator: "; "),
                hint: "devcluster history; or check out that commit and deploy it")
        }
    }

    private func built(_ image: DeployRecord.Image) -> BuiltImage {
        BuiltImage(
            name: image.name,
            reference: "\(session.place.registryHost)/\(image.name):\(image.tag)", tag: image.tag,
            imageID: "", digest: image.digest, buildSeconds: 0, pushSeconds: 0, isUnchanged: true)
    }
}
