import ChildProcess
import SystemLibraries
import TestSupport
import Testing

@testable import Settings
@testable import Tools

@Suite(.enabled(if: ProcessInfo.processInfo.environment["DEVCLUSTER_LIVE"] == "1"))
struct `The installed kubectl` {
    @Test func `is understood like the recorded one`() async throws {
        let folder = try TemporaryFolder()
        for (name, recording) in KubectlRecording.all {
            let path = try folder.write(recording.file, to: "\(name).yaml")
            let outcome = try await KubectlFiles.read(.file(path), SystemRunner())
            #expect(outcome.exit == .code(recording.code), "\(name)")
            guard !outcome.succeeded else {
                #expect(outcome.text == recording.output, "\(name)")
                continue
            }
            // The words may change from version to version; what stands around them must not.
            let complaint = KubectlComplaint(outcome.errorText, path: path, lineOffset: 0)
            let old = KubectlComplaint(
                recording.errorOutput.replacing("FILE", with: path), path: path, lineOffset: 0)
            #expect(complaint.isMissingKind == old.isMissingKind, "\(name)")
            #expect(complaint.hint == old.hint, "\(name)")
            if !old.isMissingKind {
                #expect(!complaint.text.contains(path) && !complaint.text.contains("error"))
            }
        }
    }
}
