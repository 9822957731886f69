import Foundation

/// The devcluster that end-to-end and live tests start.
///
/// `DEVCLUSTER_EXECUTABLE` names the static release executable, the one that users get: it holds
/// FoundationEssentials alone and is optimized, and faults hid in both. Without the variable it is
/// the debug build beside the tests.
public enum ExecutableUnderTest {
    /// The variable that names another executable than the one built with the tests.
    public static let variable = "DEVCLUSTER_EXECUTABLE"

    /// The executable that the environment names; nil when it names none.
    public static let given: String? = ProcessInfo.processInfo.environment[variable]
        .flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0).path }

    /// Its absolute path.
    public static let path: String = given ?? beside

    /// What it is, for a person.
    public static var description: String {
        given.map { "\($0) (\(variable))" }
            ?? "\(beside) (the build beside the tests; \(variable) names another)"
    }

    private static var beside: String {
        // On macOS tests are a bundle, and the executable is built beside it.
        let bundles = Bundle.allBundles.map(\.bundlePath).filter { $0.hasSuffix(".xctest") }
            .map { ($0 as NSString).deletingLastPathComponent }
        let candidates = ([Bundle.main.bundlePath] + bundles).map { "\($0)/devcluster" }
        return candidates.first(where: FileManager.default.isExecutableFile) ?? candidates[0]
    }
}
