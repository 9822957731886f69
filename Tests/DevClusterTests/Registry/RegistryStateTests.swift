import Testing

@testable import Registries

struct RegistryStateTests {
    private static let states: [RegistryState] = {
        var states: [RegistryState] = []
        for status in RegistryState.Status.allCases {
            for owner in RegistryState.Owner.allCases {
                for storage in RegistryState.Storage.allCases {
                    for bits in 0..<128 {
                        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
                        states.append(
                            RegistryState(
                                status: status, owner: owner, storage: storage,
                                isOnNetwork: bit(0), hasPort: bit(1), hasAddress: bit(2),
                                hasImage: bit(3), allowsDeleting: bit(4), isShared: bit(5),
                                answers: bit(6)))
                    }
                }
            }
        }
        return states
    }()

    @Test func `every state ends as the table of the docs says`() throws {
        let table = try StateTable(from: "status", to: "outcome")
        #expect(Self.states.count == 13_440)
        var used: Set<RegistryOutcome> = []
        for state in Self.states {
            let outcome = RegistryOutcome.decide(state)
            used.insert(outcome)
            let said = try table.decision(
                [state.status.rawValue, state.owner.rawValue, state.storage.rawValue]
                    + [
                        state.isOnNetwork, state.hasPort, state.hasAddress, state.hasImage,
                        state.allowsDeleting, state.isShared, state.answers,
                    ].map(yes), in: "outcome")
            #expect(outcome.rawValue == said, "\(state)")
        }
        #expect(used == Set(RegistryOutcome.allCases))
    }

    @Test func `images inside a container are never lost, whatever the user agrees to`() {
        for state in Self.states where state.storage == .inside && state.owner != .foreign {
            #expect(RegistryOutcome.decide(state, agrees: true) != .recreate)
        }
    }

    @Test func `a container of others goes only when the user says so`() {
        for state in Self.states where state.owner == .foreign && state.status != .missing {
            #expect(RegistryOutcome.decide(state, agrees: true) == .refuse)
            #expect(RegistryOutcome.decide(state, replacesForeign: true) == .recreate)
        }
    }

    @Test func `a registry that serves another cluster is not changed without a yes`() {
        for state in Self.states
        where state.isShared && state.answers && state.status == .running && state.owner == .ours {
            #expect(RegistryOutcome.decide(state) != .recreate)
            #expect(RegistryOutcome.decide(state, agrees: true) != .ask)
        }
    }
}
