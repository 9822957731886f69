import Testing

@testable import Registries
@testable import Sessions
@testable import Tools

struct RegistryDecisionTests {
    private var spec: RegistrySpec {
        RegistrySpec(
            name: "devcluster-demo-registry", image: "docker.io/library/registry:2", port: 5051,
            volume: "devcluster-demo-registry-data", network: "kind")
    }

    private func decide(_ state: String, _ change: (inout RegistrySpec) -> Void = { _ in }) throws
        -> RegistryDecision
    {
        var spec = spec
        change(&spec)
        return RegistryDecision.decide(try Fixture.container(state), spec: spec)
    }

    @Test func `without a container one is created on the configured volume`() {
        #expect(
            RegistryDecision.decide(nil, spec: spec)
                == .create(.volume("devcluster-demo-registry-data")))
    }

    @Test func `a registry that is right is kept`() throws {
        #expect(try decide("running") == .keep)
    }

    @Test func `a short name of the same image is no difference`() throws {
        #expect(try decide("running") { $0.image = "registry:2" } == .keep)
    }

    @Test func `an exited registry that is right is started`() throws {
        #expect(
            try decide("exited") { $0.port = 5068 } == .start(.exited, .volume("rec-data")))
    }

    @Test func `an exited registry with another port is made anew on its own volume`() throws {
        #expect(
            try decide("exited") { $0.port = 5001 }
                == .recreate(
                    .volume("rec-data"),
                    because: ["it is exited", "it does not publish just 127.0.0.1:5001"]))
    }

    @Test func `a registry that runs and does not answer is made anew`() throws {
        let decision = RegistryDecision.decide(
            try Fixture.container("running"), spec: spec, answers: false)
        #expect(decision.reasons == ["it does not answer"])
        guard case .recreate = decision else {
            Issue.record("it is \(decision)")
            return
        }
    }

    @Test func `a registry that other clusters use is not changed unasked`() throws {
        var spec = spec
        spec.image = "docker.io/library/registry:3"
        let container = try Fixture.container("running")
        let asking = RegistryDecision.decide(container, spec: spec, isShared: true)
        #expect(
            asking
                == .ask(
                    .volume("devcluster-demo-registry-data"),
                    because: ["it runs docker.io/library/registry:2"]))
        let agreed = RegistryDecision.decide(container, spec: spec, isShared: true, agrees: true)
        #expect(agreed.reasons == asking.reasons)
        #expect(agreed != asking)
    }

    /// podman 4.3.1 killed between setting a container's network up and starting it.
    @Test func `one whose start was killed has its port, and is made anew`() throws {
        var container = try Fixture.container("running")
        container.status = "initialized"
        #expect(container.holdsPorts)
        let decision = RegistryDecision.decide(container, spec: spec)
        guard case .recreate(.volume("devcluster-demo-registry-data"), _) = decision else {
            Issue.record("\(decision)")
            return
        }
    }

    @Test(arguments: ["created", "paused"])
    func `a registry that does not run says how it is`(state: String) throws {
        #expect(try decide(state).reasons.first == "it is \(state)")
    }

    @Test func `another port, network or image is a fault each`() throws {
        let reasons: (RegistryDecision) -> [String] = { decision in
            if case .recreate(_, let reasons) = decision { reasons } else { [] }
        }
        #expect(
            reasons(try decide("running") { $0.port = 5001 })
                == ["it does not publish just 127.0.0.1:5001"])
        #expect(
            reasons(try decide("running") { $0.network = "other" })
                == ["it is not on the network 'other'"])
        #expect(
            reasons(try decide("running") { $0.image = "docker.io/library/registry:3" })
                == ["it runs docker.io/library/registry:2"])
    }

    @Test func `the registry of kind's own script is taken over with its anonymous volume`() throws
    {
        let decision = try decide("kind-script") { $0.port = 5069 }
        let volume = try #require(try Fixture.container("kind-script").mounts.first?.name)
        #expect(volume.count == 64)
        #expect(
            decision
                == .recreate(
                    .volume(volume),
                    because: [
                        "it is not on the network 'kind'", "it does not allow deleting images",
                    ]))
    }

    @Test func `a bind mount is kept as the folder that it is`() throws {
        #expect(
            try decide("bind-mount") { $0.port = 5065 }
                == .recreate(
                    .folder("/tmp/rec/bind"),
                    because: [
                        "it does not publish just 127.0.0.1:5065",
                        "it does not allow deleting images",
                    ]))
    }

    @Test func `a registry whose images are inside the container is refused, not emptied`() throws {
        guard case .refuse(let reason, _) = try decide("no-mount") else {
            Issue.record("it is not refused")
            return
        }
        #expect(reason.contains("recreating it would lose them"))
    }

    @Test func `a container that is no registry is refused`() throws {
        guard case .refuse(let reason, let hint) = try decide("foreign") else {
            Issue.record("it is not refused")
            return
        }
        #expect(
            reason == "the container 'devcluster-demo-registry' runs localhost/devlab/base:1, which"
                + " is no registry")
        #expect(hint.contains("--replace-foreign"))
    }

    @Test func `a container of others is replaced when the user says so`() throws {
        let decision = RegistryDecision.decide(
            try Fixture.container("foreign"), spec: spec, replacesForeign: true)
        #expect(
            decision
                == .recreate(
                    .volume("devcluster-demo-registry-data"), because: ["it was no registry"]))
    }

    @Test func `images inside a container are kept while nothing has to be changed`() throws {
        var container = try Fixture.container("running")
        container.mounts = []
        #expect(RegistryDecision.decide(container, spec: spec) == .keep)
    }

    @Test func `a registry of an own image counts as one`() throws {
        let decision = try decide("foreign") { $0.image = "localhost/devlab/base:2" }
        guard case .refuse(let reason, _) = decision else {
            Issue.record("it is not refused")
            return
        }
        // It is taken for a registry; only its missing volume speaks against it.
        #expect(reason.contains("inside its container"))
    }

    @Test func `several faults are all named`() throws {
        guard case .recreate(_, let reasons) = try decide("created") else {
            Issue.record("it is kept or refused")
            return
        }
        #expect(reasons.count == 3)
    }
}
