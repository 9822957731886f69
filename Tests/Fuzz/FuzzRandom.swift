/// Random numbers that are the same for the same seed, everywhere (SplitMix64).
struct FuzzRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Each iteration has numbers of its own, so that it can be repeated alone.
    init(seed: UInt64, target: String, iteration: UInt64) {
        let name = target.utf8.reduce(14_695_981_039_346_656_037) { hash, byte in
            (hash ^ UInt64(byte)) &* 1_099_511_628_211
        }
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ name
        state = next() &+ iteration
        state = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A number from 0 up to this one, not included; 0 when there is none.
    mutating func below(_ bound: Int) -> Int {
        bound > 0 ? Int(next() % UInt64(bound)) : 0
    }

    /// Whether it is one of so many.
    mutating func isOne(in count: Int) -> Bool { below(count) == 0 }

    /// One of these; nil when there are none.
    mutating func pick<Element>(_ list: [Element]) -> Element? {
        list.isEmpty ? nil : list[below(list.count)]
    }
}
