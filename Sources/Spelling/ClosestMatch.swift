/// Returns the candidate a person most likely meant by `word`, or nil when none is near.
///
/// Upper and lower case count as equal. Near is a Damerau-Levenshtein distance under 4 that is also
/// at most a third of the word, or a candidate that begins with the word. Of equally near ones, one
/// that begins with the word is preferred, then the shorter, then the earlier.
public func closestMatch(to word: String, in candidates: [String]) -> String? {
    // An argument may be a megabyte long, and no candidate is; only so many are worth lowering.
    let letters = Array(word.prefix(longestWord + 1).lowercased())
    guard !letters.isEmpty, letters.count <= longestWord else { return nil }
    let limit = min(3, (letters.count + 1) / 3)
    var best: (candidate: String, rank: (Int, Int, Int))?
    for candidate in candidates {
        let other = Array(candidate.prefix(longestWord).lowercased())
        let isPrefix = letters.count > 1 && other.starts(with: letters)
        guard isPrefix || abs(other.count - letters.count) <= limit else { continue }
        let distance = editDistance(letters, other)
        guard isPrefix || distance <= limit else { continue }
        let rank = (min(distance, isPrefix ? 1 : distance), isPrefix ? 0 : 1, other.count)
        if best.map({ rank < $0.rank }) ?? true { best = (candidate, rank) }
    }
    return best?.candidate
}

private let longestWord = 64

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
///
/// This is the "optimal string alignment" form: no part of the word is edited twice.
func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1...left.count {
        var current = [row]
        for column in 1...right.count {
            let replaced = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
            var cost = min(replaced, last[column] + 1, current[column - 1] + 1)
            if row > 1, column > 1, left[row - 1] == right[column - 2],
                left[row - 2] == right[column - 1]
            {
                cost = min(cost, beforeLast[column - 2] + 1)
            }
            current.append(cost)
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
