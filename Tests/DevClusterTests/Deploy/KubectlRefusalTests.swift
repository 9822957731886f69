import Testing

@testable import Tools

struct KubectlRefusalTests {
    @Test func `every object that is refused is found, without the patch around it`() throws {
        let refusals = KubectlRefusal.parse(try Fixture.apply("immutable"))
        #expect(
            refusals.map { "\($0.object?.kind ?? "?")/\($0.object?.name ?? "?")" } == [
                "StatefulSet.apps/store", "PersistentVolumeClaim/claim", "Service/svc",
                "Job.batch/job", "Deployment.apps/dep",
                "RoleBinding.rbac.authorization.k8s.io/rb",
                "StorageClass.storage.k8s.io/apply-rec", "ConfigMap/im", "Secret/sec", "Pod/pod",
                "PersistentVolume/apply-rec-pv", "PriorityClass.scheduling.k8s.io/apply-rec",
                "IngressClass.networking.k8s.io/apply-rec", "DaemonSet.apps/ds",
            ])
        #expect(refusals.allSatisfy { $0.reason == "Invalid" && $0.isImmutable })
        #expect(refusals.allSatisfy { $0.text.count <= 600 && !$0.text.contains("STDIN") })
        #expect(refusals[3].text.hasSuffix("spec.template: Invalid value: …: field is immutable"))
    }

    @Test func `one refusal alone is worded otherwise, and is the same`() throws {
        let refusals = KubectlRefusal.parse(try Fixture.apply("immutable-one"))
        #expect(refusals.map(\.object) == [.init(kind: "StatefulSet", name: "store")])
        #expect(refusals[0].isImmutable)
    }

    // A guess at the words of newer versions; there is no such cluster here.
    @Test(arguments: [
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals',"
            + " 'template', 'updateStrategy', 'revisionHistoryLimit',"
            + " 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        "spec: Forbidden: spec is immutable after creation except resources.requests and"
            + " volumeAttributesClassName for bound claims",
        "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
        "spec.clusterIPs[0]: Invalid value: [\"10.96.1.1\"]: may not change once set",
        "spec.scope: Invalid value: \"Cluster\": field is immutable",
        "spec.schedule: Invalid value: \"object\": Value is immutable",
    ]) func `newer wordings are known too`(words: String) {
        let refusal = KubectlRefusal.parse("The X \"y\" is invalid: \(words)\n")[0]
        #expect(refusal.isImmutable)
    }

    @Test func `a list of kinds that are not known is taken apart`() throws {
        let refusals = KubectlRefusal.parse(try Fixture.apply("no-matches"))
        #expect(refusals.count == 4)
        #expect(
            refusals[1].text == "no matches for kind \"Other\" in version \"hunt.example.com/v2\"")
    }

    @Test func `what the account may not even read is refused by name`() throws {
        let refusals = KubectlRefusal.parse(try Fixture.apply("forbidden"))
        #expect(refusals.map { $0.object?.name } == ["g1", "fine4", "g2"])
        #expect(refusals.allSatisfy { $0.reason == "Forbidden" && !$0.isImmutable })
        #expect(refusals.allSatisfy { $0.text.contains("cannot get resource") })
    }

    @Test func `what kubectl logs is no refusal`() throws {
        let refusals = KubectlRefusal.parse(try Fixture.apply("no-server"))
        #expect(
            refusals.map(\.text) == [
                "no matches for kind \"Thing\" in version \"applyrec.example.com/v1\""
            ])
    }

    @Test func `a webhook's refusal names no object, unless something was to be changed`() throws {
        let refusals = KubectlRefusal.parse(try Fixture.apply("webhook"))
        #expect(refusals.map { $0.object?.name } == [nil, "fine4"])
        #expect(refusals.allSatisfy { $0.text.contains("failed calling webhook") })
    }

    @Test func `a conflict says who manages what`() throws {
        let refusals = KubectlRefusal.parse(try Fixture.apply("conflict"))
        #expect(refusals.count == 1)
        #expect(
            refusals[0].conflicts == "conflict with \"kubectl-edit\" using v1: .data.board.json")
    }
}
