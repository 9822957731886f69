/// What a registry's program logs.
package enum RegistryText {
    /// The kernel's ENOSPC.
    package static let noSpace = ToolText("no space left on device", .unknown)

    static let all = [noSpace]
}
