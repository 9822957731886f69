import ChildProcess
import Foundation
import Testing

/// Configurations and manifests are read through kubectl, so only where that is installed can
/// this be tried.
@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct LayoutTests {
    @Test(arguments: Layout.names)
    func `the first deploy after an unedited init finds all it needs`(name: String) async throws {
        let problems = try await Layout(name).problems()
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }
}
