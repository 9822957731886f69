import Testing

@testable import DevCluster

struct RegistryDecisionTests {
    private var wish: RegistryWish {
        RegistryWish(
            name: "devcluster-demo-registry", image: "docker.io/library/registry:2", port: 5051,
            volume: "devcluster-demo-registry-data", network: "kind")
    }

    private func decide(_ state: String, _ change: (inout RegistryWish) -> Void = { _ in }) throws
        -> RegistryDecision
    {
        var wish = wish
        change(&wish)
        return RegistryDecision.decide(try Fixture.container(state), wish: wish)
    }

    @Test func `without a container one is created on the configured volume`() {
        #expect(
            RegistryDecision.decide(nil, wish: wish)
                == .create(.volume("devcluster-demo-registry-data")))
    }

    @Test func `a registry that is right is kept`() throws {
        #expect(try decide("running") == .keep)
    }

    @Test func `a short name of the same image is no difference`() throws {
        #expect(try decide("running") { $0.image = "registry:2" } == .keep)
    }

    @Test func `an exited registry is made anew on its own volume`() throws {
        #expect(
            try decide("exited") { $0.port = 5068 }
                == .recreate(.volume("rec-data"), because: ["it is exited"]))
    }

    @Test(arguments: ["created", "paused"])
    func `a registry that does not run says how it is`(state: String) throws {
        guard case .recreate(_, let reasons) = try decide(state) else {
            Issue.record("it is kept or refused")
            return
        }
        #expect(reasons.first == "it is \(state)")
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
        guard case .refuse(let reason) = try decide("no-mount") else {
            Issue.record("it is not refused")
            return
        }
        #expect(reason.contains("recreating it would lose them"))
    }

    @Test func `a container that is no registry is refused`() throws {
        #expect(
            try decide("foreign")
                == .refuse(
                    "the container 'devcluster-demo-registry' runs localhost/devlab/base:1, which is"
                        + " no registry"))
    }

    @Test func `a container of ours without its volume is made anew`() throws {
        var container = try Fixture.container("running")
        container.mounts = []
        #expect(
            RegistryDecision.decide(container, wish: wish)
                == .recreate(
                    .volume("devcluster-demo-registry-data"), because: ["it has no data volume"]))
    }

    @Test func `a registry of an own image counts as one`() throws {
        let decision = try decide("foreign") { $0.image = "localhost/devlab/base:2" }
        guard case .refuse(let reason) = decision else {
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
