import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a target many times, and remembers what was not as it must be.
struct FuzzRun {
    /// Processor time that one execution may take.
    static let limit = 1.0

    let target: FuzzTarget
    let seed: UInt64
    private(set) var failures = 0
    private var executions: UInt64 = 0
    private var slowest = (seconds: 0.0, iteration: UInt64(0))

    init(_ target: FuzzTarget, seed: UInt64) {
        self.target = target
        self.seed = seed
    }

    /// Runs these iterations.
    @MainActor mutating func run(_ iterations: Range<UInt64>) async {
        for iteration in iterations {
            CrashNote.begin(target.name, seed: seed, iteration: iteration)
            var random = FuzzRandom(seed: seed, target: target.name, iteration: iteration)
            let start = FuzzRun.processorTime
            do {
                try await target.run(&random)
            } catch let failure as FuzzFailure {
                report(iteration, failure.description)
            } catch {
                // An error is what wrong text should end in.
            }
            let seconds = FuzzRun.processorTime - start
            if seconds > FuzzRun.limit {
                report(iteration, "took \((seconds * 10).rounded() / 10) s of processor time")
            }
            if seconds > slowest.seconds { slowest = (seconds, iteration) }
            executions += 1
        }
    }

    /// What came of it, on one line.
    var summary: String {
        let milliseconds = (slowest.seconds * 1000).rounded()
        return "\(target.name): \(executions) executions, \(failures) failures, the slowest took"
            + " \(Int(milliseconds)) ms (iteration \(slowest.iteration))"
    }

    private mutating func report(_ iteration: UInt64, _ what: String) {
        failures += 1
        guard failures <= 20 else { return }
        print("\(target.name): seed \(seed), iteration \(iteration): \(what)")
    }

    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
