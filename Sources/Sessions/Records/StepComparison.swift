/// A step that took much longer than it usually does.
public struct SlowStep: Codable, Sendable, Equatable {
    /// The step.
    public var name: String
    /// How long it took.
    public var seconds: Double
    /// How long it usually takes: the median of the last proven deploys.
    public var usual: Double
}

/// Compares the steps of a deploy with those of earlier ones.
package enum StepComparison {
    /// The three that took longest.
    package static func slowest(_ steps: [DeployRecord.Step]) -> [DeployRecord.Step] {
        Array(steps.sorted { $0.seconds > $1.seconds }.prefix(3))
    }

    /// Those that took more than twice as long as usual, and at least two seconds more.
    ///
    /// - Parameter earlier: deploys, newest first. What is usual is known from three of the last
    ///   ten proven ones.
    package static func slower(_ steps: [DeployRecord.Step], than earlier: [DeployRecord])
        -> [SlowStep]
    {
        let proven = earlier.filter { $0.exitCode == 0 }.prefix(10)
        return steps.compactMap { step in
            let known = proven.compactMap { record in
                record.steps.first { $0.name == step.name }?.seconds
            }.sorted()
            guard known.count >= 3 else { return nil }
            let usual = known[known.count / 2]
            guard step.seconds > 2 * usual, step.seconds - usual >= 2 else { return nil }
            return SlowStep(name: step.name, seconds: step.seconds, usual: usual)
        }
    }
}
