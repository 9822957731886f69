import Testing

@testable import Deployment
@testable import Images
@testable import Vocabulary

struct PullPolicyCheckTests {
    private func built(isUnchanged: Bool) -> BuiltImage {
        BuiltImage(
            name: "web", reference: "localhost:5001/web:dev-2", tag: "dev-2", imageID: "",
            digest: nil, buildSeconds: 0, pushSeconds: 0, isUnchanged: isUnchanged)
    }

    private func job(_ policy: String, image: String = "localhost:5001/web:dev-2") -> JSONValue {
        [
            "kind": "CronJob", "metadata": ["name": "tidy"],
            "spec": [
                "jobTemplate": [
                    "spec": [
                        "template": [
                            "spec": [
                                "initContainers": [
                                    [
                                        "name": "prepare", "image": .string(image),
                                        "imagePullPolicy": .string(policy),
                                    ]
                                ]
                            ]
                        ]
                    ]
                ]
            ],
        ]
    }

    @Test
    func `an image that was just pushed and may not be pulled is refused before anything else`()
        throws
    {
        let error = #expect(throws: DevClusterError.self) {
            try PullPolicyCheck.require([job("Never")], built: [built(isUnchanged: false)])
        }
        #expect(error?.message.hasPrefix("CronJob/tidy, container prepare: ") == true)
        #expect(error?.hint?.hasPrefix("take imagePullPolicy out") == true)
    }

    @Test func `what the nodes may have, or may pull, is left to them`() throws {
        try PullPolicyCheck.require([job("Never")], built: [built(isUnchanged: true)])
        try PullPolicyCheck.require([job("IfNotPresent")], built: [built(isUnchanged: false)])
        try PullPolicyCheck.require(
            [job("Never", image: "other:1")], built: [built(isUnchanged: false)])
    }
}
