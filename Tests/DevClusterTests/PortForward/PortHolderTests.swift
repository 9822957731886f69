import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

struct PortHolderTests {
    private let holder = PortHolder(runner: ScriptedRunner())

    @Test func `a port that nobody holds is free`() async throws {
        let port = freePort()
        #expect(PortHolder.isFree(port))
        try await holder.requireFree(port, for: "x", hint: "y")
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0"])
    func `a port that somebody listens on is not free`(address: String) throws {
        let socket = try ListeningSocket(address: address)
        #expect(!PortHolder.isFree(socket.port))
    }

    #if os(Linux)
        @Test func `a busy port names its holder`() async throws {
            let socket = try ListeningSocket()
            let error = await #expect(throws: DevClusterError.self) {
                try await holder.requireFree(socket.port, for: "the registry 'r'", hint: "do this")
            }
            let pid = ProcessIdentity.current.pid
            let start = "port \(socket.port) is needed for the registry 'r', but process \(pid) ("
            #expect(error?.message.hasPrefix(start) == true, "\(error?.message ?? "")")
            #expect(error?.message.hasSuffix("holds it") == true)
            #expect(error?.hint == "do this")
            #expect(await holder.listener(socket.port) == pid)
        }

        @Test func `a port that nobody listens on has no holder`() async throws {
            let port = freePort()
            #expect(await holder.listener(port) == nil)
            #expect(await holder.describe(port) == "another process")
        }
    #endif

    @Test func `a port whose process is ending is waited for`() async throws {
        var looks = 0
        let isFree = try await PortHolder.becomesFree(
            within: .seconds(300),
            isFree: {
                looks += 1
                return looks > 3
            }, hasHolder: { false })
        #expect(isFree)
        #expect(looks == 4)
    }

    @Test func `a port that somebody holds is not waited for, nor one that stays taken`()
        async throws
    {
        var looks = 0
        func taken() -> Bool {
            looks += 1
            return false
        }
        #expect(try await !PortHolder.becomesFree(isFree: taken, hasHolder: { true }))
        #expect(looks == 2)
        #expect(
            try await !PortHolder.becomesFree(
                within: .milliseconds(30), isFree: taken, hasHolder: { false }))
    }
}
