/// A call in a Tiltfile.
struct TiltfileCall: Sendable, Equatable {
    var name: String
    var positional: [TiltfileValue] = []
    var named: [String: TiltfileValue] = [:]

    /// An argument by its name, or by its place where it is given so.
    func argument(_ name: String, at index: Int? = nil) -> TiltfileValue? {
        named[name] ?? index.flatMap { positional.indices.contains($0) ? positional[$0] : nil }
    }
}
