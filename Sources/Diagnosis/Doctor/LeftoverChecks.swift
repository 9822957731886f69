import ChildProcess
import Clusters
import Forwards
import Registries
import Sessions
import StateFiles
import Tools
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What earlier runs and other programs left behind.
struct LeftoverChecks: Sendable {
    let doctor: Doctor

    func findings() async -> [Finding] {
        forwards() + foreignForwards() + locks() + (await containers())
    }

    /// Processes of forwards that no supervisor knows any more.
    private func forwards() -> [Finding] {
        let places: [String]
        do {
            places = try doctor.state.allPlaces()
        } catch {
            return [Finding("port-forward", .warning, Doctor.words(error))]
        }
        return places.flatMap { folder -> [Finding] in
            guard !ForwardLedger(folder: folder).isSupervised else { return [] }
            return ForwardProcess.ours(folder: folder).map { process in
                Finding(
                    "port-forward", .warning,
                    "process \(process.pid) of cluster"
                        + " '\(StateFolder.clusterName(ofPlace: folder))' has lost its supervisor",
                    remedy: "devcluster pf cleanup", fix: .endProcess(process))
            }
        }
    }

    private func foreignForwards() -> [Finding] {
        ForwardProcess.foreign().map { forward in
            Finding(
                "port-forward", .info,
                "not ours: process \(forward.process.pid) of \(forward.user): \(forward.command)",
                remedy: "devcluster pf cleanup --foreign")
        }
    }

    /// Locks of kubeconfigs that kind and kubectl would fail on.
    private func locks() -> [Finding] {
        guard let session = doctor.session else { return [] }
        return KindRemains(session: session).staleLocks.map { path in
            Finding(
                "kubeconfig", .error, "\(path) was left behind by a killed kubectl or kind",
                remedy: "rm '\(path)'", fix: .removeFile(path))
        }
    }

    /// Containers and volumes with our label that nothing uses.
    private func containers() async -> [Finding] {
        guard let session = doctor.session else { return [] }
        let engine = session.engine
        let label = "label=\(DevClusterLabel.managed)=true"
        let format = "{{.Names}} \(engine.dialect.labelFormat(DevClusterLabel.role))"
        async let listed = doctor.look(
            engine.name.rawValue, ["ps", "--all", "--filter", label, "--format", format])
        // Asked for one by one: podman takes several filters for "any of them" (podman#26786).
        async let labelled = volumes(label, engine)
        async let dangling = volumes("dangling=true", engine)
        let names = (try? await listed.get())?.text ?? ""
        let collectors = names.split(whereSeparator: \.isNewline).compactMap { line in
            line.split(separator: " ").first.map(String.init)
        }.filter { $0.hasSuffix(RegistryProgram.collector(of: "")) }
        // What the next `up` takes into use again is no leftover.
        let wanted = [session.place.registry.volume] + session.mirrors.map(\.volume)
        let unused = await labelled.intersection(await dangling).subtracting(wanted).sorted()
        return collectors.map {
            Finding(
                "container \($0)", .warning, "it was left by a 'registry prune' that was killed",
                remedy: "devcluster up", fix: .removeContainer($0))
        }
            + unused.map {
                Finding(
                    "volume \($0)", .info, "images of a registry that no container serves",
                    remedy: "\(engine.name.rawValue) volume rm \($0)")
            }
    }

    private func volumes(_ filter: String, _ engine: Engine) async -> Set<String> {
        let outcome = await doctor.look(
            engine.name.rawValue, ["volume", "ls", "--quiet", "--filter", filter])
        guard let outcome = try? outcome.get() else { return [] }
        return Set(outcome.text.split(whereSeparator: \.isNewline).map(String.init))
    }
}
