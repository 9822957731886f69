import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Sessions
@testable import StateFiles
@testable import Vocabulary

struct NamespaceLocksTests {
    private func isTaken(_ sample: SampleSession, _ name: String) -> Bool {
        StateLock.isTaken("\(sample.place.folder)/namespaces/\(name).lock")
    }

    @Test func `all are held, those added later too, and all let go together`() async throws {
        let sample = try SampleSession()
        do {
            var locks = try await NamespaceLocks(["shop", "b"], session: sample.session)
            #expect(try await locks.add(["a", "z", "shop"]))
            #expect(locks.names == ["a", "b", "shop", "z"])
            #expect(["a", "b", "shop", "z"].allSatisfy { isTaken(sample, $0) })
            withExtendedLifetime(locks) {}
        }
        #expect(!["a", "b", "shop", "z"].contains { isTaken(sample, $0) })
    }

    @Test func `one that comes before others is not waited for while they are held`() async throws {
        let sample = try SampleSession(lockWait: .seconds(600))
        let other = try await StateLock.take(
            "\(sample.place.folder)/namespaces/a.lock", for: "devcluster deploy")
        var locks = try await NamespaceLocks(["shop"], session: sample.session)
        #expect(try await !locks.add(["a"]), "waiting could be mutual")
        #expect(locks.wanted == ["a", "shop"])
        withExtendedLifetime((other, locks)) {}
    }

    @Test(arguments: ["a", "z"])
    func `without waiting, whoever holds one is named`(name: String) async throws {
        let sample = try SampleSession()
        let other = try await StateLock.take(
            "\(sample.place.folder)/namespaces/\(name).lock", for: "devcluster restart")
        var locks = try await NamespaceLocks(["shop"], session: sample.session)
        let error = await #expect(throws: DevClusterError.self) {
            _ = try await locks.add([name])
        }
        #expect(error?.message.contains("'devcluster restart'") == true)
        withExtendedLifetime((other, locks)) {}
    }

    @Test func `what is no name of a namespace becomes no path`() async throws {
        let sample = try SampleSession()
        let locks = try await NamespaceLocks(["../../shop"], session: sample.session)
        #expect(locks.names.isEmpty)
    }
}
