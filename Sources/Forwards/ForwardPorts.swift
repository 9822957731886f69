import ChildProcess
import StateFiles
import Tools
import Vocabulary

/// Who has the local ports that forwards want.
struct ForwardPorts {
    /// Where the state of all clusters is kept.
    let state: StateFolder
    /// The state folder of the cluster whose forwards want them.
    let folder: String
    let runner: any Runner

    private var ledger: ForwardLedger { ForwardLedger(folder: folder) }

    /// Throws when the port is taken: by a forward of ours, or by another process.
    func requireFree(_ spec: ForwardSpec, known: ForwardSpec?) async throws {
        let holder = PortHolder(runner: runner)
        let isListening = known.map { $0.port == spec.port && $0.address == spec.address } ?? false
        let present = ledger.read(spec.name).map { ForwardStatus($0).state }
        // One that failed may have failed just because another has the port.
        if isListening, let present, present != .dead, present != .failed { return }
        for place in try state.allPlaces() {
            let taken = try ForwardLedger(folder: place).statuses().first {
                $0.state != .dead && $0.forward.port == spec.port
                    && $0.forward.address == spec.address
                    && !(place == folder && $0.forward.name == spec.name)
            }
            guard let forward = taken?.forward else { continue }
            throw DevClusterError(
                .failed,
                "port \(spec.port) is needed for the forward '\(spec.name)', but the forward"
                    + " '\(forward.name)' of \(StateFolder.clusterName(ofPlace: place)) has it",
                hint: "devcluster pf stop \(forward.name), or set another port in spec.forwards")
        }
        do {
            try await holder.requireFree(
                spec.port, address: spec.address, for: "the forward '\(spec.name)'",
                hint: "end that process, or set another port in spec.forwards")
        } catch let error as DevClusterError {
            guard isListening, let supervisor = ledger.supervisor,
                await holder.listener(spec.port) == supervisor.pid
            else { throw error }
        }
    }
}
