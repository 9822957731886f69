import Tools

extension RemoteRegistry {
    /// Asks as a session does.
    package init(host: String, session: Session) {
        self.init(
            host: host, runner: session.runner, environment: session.environment,
            state: session.state)
    }
}
