import ChildProcess
import Clusters
import Forwards
import Registries
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

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
        let managed = (DevClusterLabel.managed, "true")
        async let listed = try? engine.containerNames(labelled: managed.0, managed.1)
        async let labelled = try? engine.volumes(.labelled(managed.0, managed.1))
        async let dangling = try? engine.volumes(.unused)
        let collectors = (await listed ?? []).filter {
            $0.hasSuffix(RegistryProgram.collector(of: ""))
        }
        // What the next `up` takes into use again is no leftover.
        let wanted = [session.place.registry.volume] + session.mirrors.map(\.volume)
        let unused = Set(await labelled ?? []).intersection(await dangling ?? [])
            .subtracting(wanted).sorted()
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
}
