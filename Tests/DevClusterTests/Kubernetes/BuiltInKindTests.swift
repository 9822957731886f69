import Testing

@testable import Tools
@testable import Vocabulary

struct BuiltInKindTests {
    @Test(arguments: [
        ("batch.example.com/v1", "Job"), ("serving.knative.dev/v1", "Service"),
        ("apps.kruise.io/v1beta1", "StatefulSet"), ("example.com/v1", "Namespace"),
        ("/", "Deployment"), ("", "Deployment"),
    ])
    func `a kind of another group is not Kubernetes' own`(version: String, kind: String) {
        let object = ManifestObject([
            "apiVersion": .string(version), "kind": .string(kind), "metadata": ["name": "web"],
        ])
        #expect(object.builtIn == nil)
        #expect(object.workload == nil)
    }

    @Test(arguments: [
        ("batch/v1", "Job"), ("v1", "Service"), ("apps/v1beta2", "StatefulSet"),
        ("extensions/v1beta1", "Deployment"), ("batch/v1beta1", "CronJob"),
    ])
    func `its own are known in every version`(version: String, kind: String) {
        let object = ManifestObject([
            "apiVersion": .string(version), "kind": .string(kind), "metadata": ["name": "web"],
        ])
        #expect(object.builtIn?.rawValue == kind)
    }
}
