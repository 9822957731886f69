import ChildProcess
import TestSupport

extension LiveWorld {
    private func words(_ arguments: [String]) -> String {
        ([LiveWorld.engine.description] + arguments).joined(separator: " ")
    }

    /// Runs a script that knows the names of this world, and expects it to succeed.
    @discardableResult
    func shell(_ script: String) async throws -> String {
        let names = [
            "CLUSTER": cluster, "REGISTRY": registry, "PORT": "\(registryPort)",
            "OTHER_PORT": "\(freePort())", "STATE": "\(folder)/state", "FOLDER": folder,
            "CONTROL_PLANE": "\(cluster)-control-plane", "WORKER": "\(cluster)-worker",
            "REGISTRY_IMAGE": LiveWorld.registryImage, "BASE_IMAGE": LiveWorld.baseImage,
            // Of several words, so never in quotes.
            "ENGINE": "\(LiveWorld.engine)", "REMOVE": words(LiveWorld.engine.remove),
            "PUSH": words(["push", "--quiet"] + LiveWorld.engine.withoutTLS),
        ]
        return try await runner.run(
            Invocation(
                "sh", ["-c", script], environment: environment.merging(names) { $1 },
                deadline: .seconds(180))
        ).orFailure.text
    }
}
