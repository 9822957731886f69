/// A pattern of a name without slashes: `*`, `?`, `[a-z]`, and `\` before a character that means
/// itself.
///
/// By Unicode scalars, as Go matches them in the engines: characters would have to be put together
/// again at every step.
struct NamePattern: Sendable, Equatable {
    private enum Step: Sendable, Equatable {
        case anyCharacters
        case anyCharacter
        case literal(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func matches(_ character: Unicode.Scalar) -> Bool {
            switch self {
            case .anyCharacters, .anyCharacter: true
            case .literal(let literal): literal == character
            case .set(let ranges, let isNegated):
                ranges.contains { $0.contains(character) } != isNegated
            }
        }
    }

    /// Nil for a pattern that is malformed, which means nothing.
    private let steps: [Step]?

    /// How much work a name is at most, in steps for each of its characters.
    var cost: Int {
        (steps ?? []).reduce(1) { sum, step in
            if case .set(let ranges, _) = step { sum + ranges.count } else { sum + 1 }
        }
    }

    init(_ text: Substring) {
        var rest = text.unicodeScalars
        var steps: [Step] = []
        while let character = rest.popFirst() {
            switch character {
            case "*": if steps.last != .anyCharacters { steps.append(.anyCharacters) }
            case "?": steps.append(.anyCharacter)
            case "[":
                guard let set = NamePattern.set(&rest) else {
                    self.steps = nil
                    return
                }
                steps.append(set)
            case "\\": steps.append(.literal(rest.popFirst() ?? character))
            default: steps.append(.literal(character))
            }
        }
        self.steps = steps
    }

    /// The set after its `[`, such as `^a-z]`; nil when it does not end.
    private static func set(_ rest: inout Substring.UnicodeScalarView) -> Step? {
        let isNegated = rest.first == "^"
        if isNegated { rest = rest.dropFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isFirst = true
        while let start = rest.popFirst() {
            if start == "]" && !isFirst { return .set(ranges, isNegated: isNegated) }
            isFirst = false
            var low = start
            if start == "\\", let next = rest.popFirst() { low = next }
            var high = low
            if rest.first == "-", let next = rest.dropFirst().first, next != "]" {
                high = next
                rest = rest.dropFirst(2)
            }
            if low <= high { ranges.append(low...high) }
        }
        return nil
    }

    /// Whether it means this name.
    func matches(_ name: String) -> Bool {
        guard let steps else { return false }
        let name = Array(name.unicodeScalars)
        var (step, place) = (0, 0)
        // Where to go on when what follows the last `*` does not match: with one character more
        // for it. What stands before it need not be tried again.
        var again: (step: Int, place: Int)?
        while place < name.count {
            if step < steps.count, steps[step] == .anyCharacters {
                again = (step, place)
                step += 1
            } else if step < steps.count, steps[step].matches(name[place]) {
                step += 1
                place += 1
            } else if let last = again {
                place = last.place + 1
                again = (last.step, place)
                step = last.step + 1
            } else {
                return false
            }
        }
        return steps[step...].allSatisfy { $0 == .anyCharacters }
    }
}
