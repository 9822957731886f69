extension Spawn {
    /// Looks the tool up in the `PATH` of the environment given, which is the child's.
    ///
    /// - Throws: `InvocationError`: `.notFound`, `.notStarted`, `.unusablePath`.
    init(
        resolving invocation: Invocation, environment: [String: String]
    ) throws(InvocationError) {
        // First, because after a failed start both have the same errno.
        if let directory = invocation.directory, let code = obstacle(toEntering: directory) {
            throw InvocationError(.unusablePath(directory, code), invocation)
        }
        let search = ExecutableSearch(path: environment["PATH"], directory: invocation.directory)
        switch search.find(invocation.tool) {
        case .absent: throw InvocationError(.notFound, invocation)
        case .unusable(let code): throw InvocationError(.notStarted(code), invocation)
        case .found(let path):
            self.init(
                path: path, arguments: [invocation.tool] + invocation.arguments,
                environment: environment, directory: invocation.directory)
        }
    }
}
