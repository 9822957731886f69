import ChildProcess
import TestSupport
import Testing

@testable import Sessions

struct ObjectNamesTests {
    private func names(_ output: String) async throws -> [String] {
        let sample = try SampleSession()
        sample.runner.expect("kubectl", returning: .ok(output))
        return try await sample.session.objectNames("deployments,namespaces")
    }

    @Test func `names are given as commands take them`() async throws {
        #expect(
            try await names("deployment.apps/web\nnamespace/shop\npod/a\n") == [
                "deployment/web", "shop", "pod/a",
            ])
    }

    @Test(arguments: ["/", "//", "", "web", ".", "/web", "./web", "\n/\n", "kind/", "é/\u{301}"])
    func `a line that is no name completes nothing, and ends nothing`(line: String) async throws {
        #expect(try await names(line + "\ndeployment.apps/web\n").last == "deployment/web")
    }
}
