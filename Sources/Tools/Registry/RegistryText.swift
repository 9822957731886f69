/// What a registry's program logs.
package enum RegistryText {
    package static let noSpace = ToolText("no space left on device")
}
