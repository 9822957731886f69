import Synchronization
import Vocabulary

/// Passes everything on, and keeps how long each step took.
package final class StepTimes: Activity {
    private let next: any Activity
    private let ended = Mutex<[DeployRecord.Step]>([])

    package init(_ next: any Activity) {
        self.next = next
    }

    /// The steps so far, in the order in which they ended, whether well or not.
    package var steps: [DeployRecord.Step] { ended.withLock { $0 } }

    package func report(_ event: ActivityEvent) {
        switch event {
        case .finished(_, let name, _, let duration), .failed(_, let name, let duration):
            ended.withLock {
                $0.append(DeployRecord.Step(name: name, seconds: duration.inSeconds))
            }
        default: break
        }
        next.report(event)
    }
}
