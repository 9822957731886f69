import Testing

@testable import Deployment
@testable import Tools
@testable import Vocabulary

/// What is worth trying again, by what was said of an object.
struct PassingRefusalTests {
    private func judged(_ text: String, name: [String: JSONValue] = ["name": "b"])
        -> PassingRefusal?
    {
        let object: JSONValue = [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": .object(name),
        ]
        return PassingRefusal(
            ApplyAttempt.Refused(
                object: object, refusal: KubectlRefusal(reason: nil, text: text)), among: [])
    }

    @Test(arguments: [
        // kubectl 1.32.4 while the API server of Kubernetes 1.20.2 hung.
        "Patch \"https://127.0.0.1:42001/apis/apps/v1/namespaces/d3/deployments/b\": http2: client"
            + " connection lost",
        "Post \"https://127.0.0.1:42001/api/v1/namespaces\": unexpected EOF",
        "Get \"https://127.0.0.1:42001/api\": dial tcp 127.0.0.1:42001: connect: connection refused",
        "etcdserver: leader changed",
    ])
    func `a connection that was lost is no refusal, and is tried again`(text: String) {
        #expect(judged(text) == .busy)
    }

    @Test func `what gets a new name each time is not made a second time`() {
        let text = "Post \"https://127.0.0.1:42001/apis\": http2: client connection lost"
        #expect(judged(text, name: ["generateName": "b-"]) == nil)
    }

    @Test func `what the API says for good is not tried again`() {
        #expect(judged("spec.replicas: Invalid value: -1: must be greater than 0") == nil)
    }
}
