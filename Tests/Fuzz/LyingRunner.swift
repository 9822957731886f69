import ChildProcess
import Foundation
import Synchronization

/// Tools that print what another of their runs printed, something that is broken, or nothing.
///
/// What a run gets depends on what is run and how often it was, not on which of several runs
/// comes first, so that an iteration can be repeated.
final class LyingRunner: Runner {
    private static let recorded: [String: Mutation] = [
        "kubectl": Mutation(corpus: Samples.objects("kubectl-") + Samples.files("kubectl-")),
        "podman": Mutation(
            corpus: Samples.files(
                "podman-", "registry-2.8.2-disk", "netavark-", "iptables-", "nftables-")),
        "crictl": Mutation(corpus: Truth.crictl),
        "curl": Mutation(corpus: Samples.files("registry-2.8.2-manifest", "curl-")),
        "kind": Mutation(corpus: Samples.files("kind-")),
        "git": Mutation(corpus: Samples.files("git-")),
    ]
    private let salt: UInt64
    private let folder: String
    private let counts = Mutex<[String: UInt64]>([:])

    init(salt: UInt64, folder: String) {
        self.salt = salt
        self.folder = folder
    }

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard !Task.isCancelled else { throw InvocationError(.cancelled, invocation) }
        let words = LyingRunner.withoutChance(
            ([invocation.tool] + invocation.arguments).joined(separator: " ")
                .replacing(folder, with: ""))
        let count = counts.withLock { counts in
            counts[words, default: 0] += 1
            return counts[words, default: 0]
        }
        var random = FuzzRandom(seed: salt, target: words, iteration: count)
        let outcome = try outcome(invocation, words, &random)
        if outcome.succeeded { writeDigest(invocation, &random) }
        if !outcome.output.isEmpty {
            onOutput?(OutputChunk(stream: .output, bytes: outcome.output))
        }
        return outcome
    }

    /// The words without times and the random names of files, which differ in each run.
    private static func withoutChance(_ words: String) -> String {
        words.split(separator: " ").map { word in
            var result = ""
            var digits = ""
            for character in word + " " {
                if character.isASCII, character.isNumber {
                    digits.append(character)
                    continue
                }
                result += digits.count < 8 ? digits : "#"
                digits = ""
                result.append(character)
            }
            return result
        }.joined()
    }

    /// The file into which an engine is told to write what it built or pushed.
    private func writeDigest(_ invocation: Invocation, _ random: inout FuzzRandom) {
        let options = ["--iidfile", "--digestfile"]
        guard let place = invocation.arguments.firstIndex(where: { options.contains($0) }),
            let file = invocation.arguments.dropFirst(place + 1).first, !random.isOne(in: 10)
        else { return }
        let digit = random.pick(["a", "b", "g"]) ?? "a"
        let text = "sha256:" + String(repeating: digit, count: 64)
        _ = FileManager.default.createFile(atPath: file, contents: Data(text.utf8))
    }

    private func outcome(
        _ invocation: Invocation, _ words: String, _ random: inout FuzzRandom
    ) throws -> Outcome {
        if random.isOne(in: 60) {
            throw InvocationError(
                random.pick([.timedOut, .notFound, .outputLimitExceeded]) ?? .timedOut, invocation)
        }
        if random.isOne(in: 25) {
            return Outcome(
                invocation: invocation, exit: .code(1),
                errorOutput: output(invocation, words, &random))
        }
        if invocation.tool == "curl" { return curl(invocation, &random) }
        return Outcome(invocation: invocation, output: output(invocation, words, &random))
    }

    private func output(
        _ invocation: Invocation, _ words: String, _ random: inout FuzzRandom
    ) -> Data {
        if !random.isOne(in: 4), let truth = Truth.output(words, &random) { return truth }
        if random.isOne(in: 10) { return Data() }
        let tool = words.contains("crictl") ? "crictl" : invocation.tool
        let known = LyingRunner.recorded[tool] ?? LyingRunner.recorded["kubectl"]
        if random.isOne(in: 2), let file = random.pick(known?.corpus ?? []) { return Data(file) }
        return known?.text(&random) ?? Data()
    }

    /// Answers each request with the mark that curl was told.
    private func curl(_ invocation: Invocation, _ random: inout FuzzRandom) -> Outcome {
        let input: Data =
            switch invocation.input {
            case .bytes(let data), .secret(let data), .partlySecret(let data, _, _, _): data
            case .none: Data()
            }
        var output = Data()
        for section in input.text.split(separator: "next\n") {
            let url = section.split(separator: "\n").first ?? ""
            let mark = section.split(separator: "write-out = \"\\n").last?.prefix { $0 != " " }
            let isTrue = !random.isOne(in: 5)
            let body = isTrue ? Truth.body(url) : LyingRunner.recorded["curl"]?.text(&random)
            let head = Truth.headers(body ?? Data())
            let status = isTrue ? 200 : random.pick([200, 404, 401]) ?? 200
            output += Data(head.utf8) + (section.contains("\nhead\n") ? Data() : body ?? Data())
            output += Data("\n\(mark ?? "") 0 \(status) \(head.utf8.count) \n".utf8)
        }
        return Outcome(invocation: invocation, output: output)
    }
}
