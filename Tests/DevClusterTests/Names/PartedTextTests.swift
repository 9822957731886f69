import TestSupport
import Testing

@testable import Registries
@testable import Vocabulary

struct PartedTextTests {
    @Test func `a text is divided at the last of the characters`() throws {
        let parts = try #require("a:b:c".parted(atLast: UInt8(ascii: ":")))
        #expect(parts.before == "a:b")
        #expect(parts.after == "c")
        #expect("abc".parted(atLast: UInt8(ascii: ":")) == nil)
        #expect(":".parted(atLast: UInt8(ascii: ":"))?.after == "")
    }

    @Test func `a long row of flags is no name, and is told so at once`() {
        let flags = String(repeating: "🇩🇪", count: 50_000)
        let time = processorTime {
            #expect(throws: DevClusterError.self) { try ImageReference(flags) }
            #expect(throws: DevClusterError.self) { try RegistryHost(flags + ".x") }
            #expect(throws: DevClusterError.self) { try CacheName("x/" + flags) }
        }
        #expect(time < .seconds(5))
    }

    @Test func `a colon that carries a mark does not lose it`() {
        #expect(throws: DevClusterError.self) { try ImageReference("web:\u{301}1") }
    }
}
