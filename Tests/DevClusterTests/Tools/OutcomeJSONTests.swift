import ChildProcess
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

struct OutcomeJSONTests {
    @Test(arguments: ["", "{", "{\"items\": [", "Warning: x", "[1,]"])
    func `malformed JSON is told with the program that printed it`(text: String) {
        let outcome = Outcome.ok(text, of: Invocation("kubectl", ["get", "pods"]))
        let error = #expect(throws: DevClusterError.self) { try outcome.json() }
        #expect(error?.message.hasPrefix("kubectl printed malformed JSON: line 1, column ") == true)
        #expect(error?.hint == "try 'kubectl get pods' by hand")
    }

    @Test func `well-formed JSON is read`() throws {
        #expect(try Outcome.ok("{\"a\": 1}").json()["a"]?.integer == 1)
    }
}
