/// How far a workload's rollout is, for whoever shows it.
public struct RolloutProgress: Codable, Sendable, Equatable {
    /// What can be said of it in one word.
    public enum State: String, Codable, Sendable {
        /// It goes on.
        case waiting
        /// Something keeps it from going on; it may still come right.
        case stuck
        /// Every pod that should be there is ready.
        case complete
        /// It was given up.
        case failed
    }

    /// The workload, as `deployment/web`.
    public var workload: String
    /// The state.
    public var state: State
    /// How far it is, as `1 of 2 available`, or what is wrong.
    public var detail: String
    /// The pod with the problem.
    public var pod: String?
    /// The container with the problem.
    public var container: String?
    /// The cluster's word for the problem, as `ImagePullBackOff`.
    public var reason: String?
    /// The cluster's description of the problem.
    public var message: String?
    /// What to do about it.
    public var remedy: String?
    /// Seconds since the rollout is waited for.
    public var seconds: Double
    /// How many workloads are waited for together.
    public var count: Int

    /// Describes a moment of a rollout.
    package init(
        workload: String, state: State, detail: String, seconds: Double, count: Int = 1
    ) {
        self.workload = workload
        self.state = state
        self.detail = detail
        self.seconds = seconds
        self.count = count
    }
}
