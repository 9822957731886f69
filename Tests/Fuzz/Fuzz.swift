import Foundation

/// Gives changed texts to everything that reads text from outside: `just fuzz [TARGET…]`.
///
/// An iteration depends on seed, target and its number only: `--seed S --only N` repeats it.
@main
struct Fuzz {
    /// Executions of all targets together.
    private var count: UInt64 = 10_000_000
    private var seed: UInt64 = 1
    private var only: UInt64?
    private var targets: [FuzzTarget] = []

    private static let usage = """
        usage: fuzz [TARGET …] [--count EXECUTIONS] [--seed NUMBER] [--only ITERATION]
        targets: \(FuzzTarget.all.map(\.name).joined(separator: " "))
        """

    static func main() async {
        guard let fuzz = Fuzz(Array(CommandLine.arguments.dropFirst())) else {
            print(usage)
            exit(64)
        }
        exit(await fuzz.run() ? 0 : 1)
    }

    private init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--count", "--seed", "--only":
                guard let number = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
                if word == "--count" { count = number }
                if word == "--seed" { seed = number }
                if word == "--only" { only = number }
            default:
                guard let target = FuzzTarget.all.first(where: { $0.name == word }) else {
                    return nil
                }
                targets.append(target)
            }
        }
        if targets.isEmpty { targets = FuzzTarget.all }
    }

    @MainActor private func run() async -> Bool {
        CrashNote.install()
        var isGood = true
        let shares = targets.reduce(0) { $0 + UInt64($1.share) }
        for target in targets {
            var run = FuzzRun(target, seed: seed)
            let part = max(1, count * UInt64(target.share) / max(1, shares))
            await run.run(only.map { $0..<($0 + 1) } ?? 0..<part)
            print(run.summary)
            fflush(nil)
            isGood = isGood && run.failures == 0
        }
        return isGood
    }
}
