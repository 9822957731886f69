/// Finds the calls that a Tiltfile makes in any case: those that stand at the beginning of a line.
///
/// A Tiltfile is a program. Its literals are read and nothing is evaluated: what stands in a
/// condition or a function is only counted.
struct TiltfileParser {
    private let text: [Character]
    private var position = 0
    /// How deep in brackets the expression is that is read.
    private var depth = 0
    /// The calls, in order.
    private(set) var calls: [TiltfileCall] = []
    /// Names of functions called in conditions and functions.
    private(set) var conditional: [String] = []

    /// What stands in more brackets is unknown: reading them takes the stack.
    private static let deepest = 64

    init(_ text: String) {
        self.text = Array(text)
        while position < self.text.count { readStatement() }
    }

    private var next: Character? { position < text.count ? text[position] : nil }

    private mutating func readStatement() {
        let start = position
        skipBlanks()
        let isIndented = position > start
        let name = identifier()
        skipBlanks()
        if let name, next == "(" {
            if isIndented {
                conditional.append(name)
            } else {
                let call = arguments(of: name)
                if !isInExpression { calls.append(call) }
            }
        }
        skipLine()
    }

    /// Whether the line goes on after the call, as in `f(x).y`: then it is something else.
    private var isInExpression: Bool {
        let rest = text.dropFirst(position).first { $0 != " " && $0 != "\t" && $0 != ";" }
        return rest.map { !$0.isNewline && $0 != "#" } ?? false
    }

    private mutating func skipBlanks() {
        while next == " " || next == "\t" { position += 1 }
    }

    /// Skips what separates tokens within brackets: also newlines and comments.
    private mutating func skipSpace() {
        while let character = next {
            if character == "#" {
                while let character = next, !character.isNewline { position += 1 }
            } else if character.isWhitespace || character == "\\" {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func identifier() -> String? {
        let start = position
        while let character = next,
            character.isLetter || character == "_" || (position > start && character.isNumber)
        {
            position += 1
        }
        return position > start ? String(text[start..<position]) : nil
    }

    /// Goes to the next line that is in no bracket and no string.
    private mutating func skipLine() {
        var depth = 0
        while let character = next {
            if character == "#" {
                while let character = next, !character.isNewline { position += 1 }
            } else if character == "\"" || character == "'" {
                _ = string()
            } else {
                depth += "([{".contains(character) ? 1 : ")]}".contains(character) ? -1 : 0
                position += 1
                if character.isNewline && depth <= 0 { return }
            }
        }
    }

    /// The arguments from `(` to `)`.
    private mutating func arguments(of name: String) -> TiltfileCall {
        var call = TiltfileCall(name: name)
        position += 1
        while true {
            skipSpace()
            guard let character = next, character != ")" else { break }
            let start = position
            if let word = identifier() {
                skipSpace()
                let isNamed = next == "=" && position + 1 < text.count && text[position + 1] != "="
                if isNamed {
                    position += 1
                    call.named[word] = expression()
                    skipComma()
                    continue
                }
                position = start
            }
            call.positional.append(expression())
            skipComma()
            // A bracket that nothing opened.
            if position == start { position += 1 }
        }
        if next != nil { position += 1 }
        return call
    }

    private mutating func skipComma() {
        skipSpace()
        if next == "," { position += 1 }
    }

    /// An expression up to the comma or bracket that ends it.
    private mutating func expression() -> TiltfileValue {
        skipSpace()
        depth += 1
        defer { depth -= 1 }
        let value = depth > TiltfileParser.deepest ? .unknown : primary()
        skipSpace()
        guard let character = next, !",)]}:".contains(character) else { return value }
        skipExpression()
        return .unknown
    }

    private mutating func primary() -> TiltfileValue {
        guard let character = next else { return .unknown }
        switch character {
        case "\"", "'":
            var whole = ""
            while next == "\"" || next == "'" {
                whole += string()
                skipSpace()
            }
            return .text(whole)
        case "[":
            return .list(list(until: "]"))
        case "{": return dictionary()
        case "0"..."9":
            let start = position
            while next?.isNumber == true { position += 1 }
            return Int(String(text[start..<position])).map { .number($0) } ?? .unknown
        default: break
        }
        guard let name = identifier() else { return .unknown }
        if name == "r", next == "\"" || next == "'" { return .text(string()) }
        return next == "(" ? .call(arguments(of: name)) : .unknown
    }

    private mutating func list(until end: Character) -> [TiltfileValue] {
        var values: [TiltfileValue] = []
        position += 1
        while true {
            skipSpace()
            guard let character = next, character != end else { break }
            values.append(expression())
            let before = position
            skipComma()
            if position == before && next != end { position += 1 }
        }
        if next != nil { position += 1 }
        return values
    }

    private mutating func dictionary() -> TiltfileValue {
        var members: [String: TiltfileValue] = [:]
        position += 1
        while true {
            skipSpace()
            guard let character = next, character != "}" else { break }
            let key = expression()
            skipSpace()
            guard next == ":" else {
                position += next == nil || next == "}" ? 0 : 1
                continue
            }
            position += 1
            let value = expression()
            if let key = key.text { members[key] = value }
            skipComma()
        }
        if next != nil { position += 1 }
        return .dictionary(members)
    }

    /// Goes to the comma or bracket that ends an expression.
    private mutating func skipExpression() {
        var depth = 0
        while let character = next {
            if depth == 0 && ",)]}".contains(character) { return }
            if character == "\"" || character == "'" {
                _ = string()
                continue
            }
            if character == "#" {
                skipSpace()
                continue
            }
            depth += "([{".contains(character) ? 1 : ")]}".contains(character) ? -1 : 0
            position += 1
        }
    }

    /// A string in single, double or triple quotes.
    private mutating func string() -> String {
        guard let quote = next else { return "" }
        let isLong = text[position...].prefix(3).elementsEqual([quote, quote, quote])
        position += isLong ? 3 : 1
        var result = ""
        while let character = next {
            if character == "\\", position + 1 < text.count {
                result.append(text[position + 1])
                position += 2
            } else if isLong, text[position...].prefix(3).elementsEqual([quote, quote, quote]) {
                position += 3
                return result
            } else if !isLong, character == quote || character.isNewline {
                position += character == quote ? 1 : 0
                return result
            } else {
                result.append(character)
                position += 1
            }
        }
        return result
    }
}
