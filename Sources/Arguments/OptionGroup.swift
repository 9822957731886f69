/// Puts shared options into a command: `@OptionGroup var global: GlobalOptions`.
@propertyWrapper
public struct OptionGroup<Options: ParsableOptions>: OptionGroupWrapper {
    /// The options.
    public var wrappedValue: Options

    /// Options with nothing filled in.
    public init() {
        wrappedValue = Options()
    }

    var options: any ParsableOptions { wrappedValue }
}

/// An option group whose type is not known.
protocol OptionGroupWrapper: Sendable {
    var options: any ParsableOptions { get }
}
