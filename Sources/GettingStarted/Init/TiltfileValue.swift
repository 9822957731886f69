/// A literal of a Tiltfile; what has to be evaluated is unknown.
indirect enum TiltfileValue: Sendable, Equatable {
    case text(String)
    case number(Int)
    case list([TiltfileValue])
    case dictionary([String: TiltfileValue])
    case call(TiltfileCall)
    case unknown

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { number } else { nil } }
    var call: TiltfileCall? { if case .call(let call) = self { call } else { nil } }

    /// The elements of a list, else the value itself.
    var elements: [TiltfileValue] { if case .list(let list) = self { list } else { [self] } }
}
