import Testing

@testable import Clusters
@testable import Sessions
@testable import Settings
@testable import Vocabulary

struct ClusterStateTests {
    private static let states: [ClusterState] = {
        let booleans = [true, false]
        var states: [ClusterState] = []
        for record in ClusterState.Record.allCases {
            for nodes in ClusterState.Nodes.allCases {
                for bits in 0..<4 {
                    states.append(
                        ClusterState(
                            record: record, nodes: nodes, isOurs: booleans[bits & 1],
                            isElsewhere: booleans[bits >> 1 & 1]))
                }
            }
        }
        return states
    }()

    @Test(arguments: [(false, "outcome"), (true, "with `--recreate`")])
    func `every state ends as the table of the docs says`(recreates: Bool, column: String) throws {
        let table = try StateTable(from: "record", to: "with `--recreate`")
        #expect(Self.states.count == 36)
        var used: Set<ClusterOutcome> = []
        for state in Self.states {
            let outcome = ClusterOutcome.decide(state, recreates: recreates)
            used.insert(outcome)
            let said = try table.decision(
                [
                    state.record.rawValue, state.nodes.rawValue, yes(state.isOurs),
                    yes(state.isElsewhere),
                ], in: column)
            #expect(outcome.rawValue == said, "\(state)")
        }
        let unused: Set<ClusterOutcome> = recreates ? [.mend, .offer] : []
        #expect(used == Set(ClusterOutcome.allCases).subtracting(unused))
    }

    @Test func `nothing of others is ever changed`() {
        for state in Self.states where state.nodes != .none && !state.isOurs {
            #expect(ClusterOutcome.decide(state, recreates: true) == .refuse)
        }
    }

    @Test func `only what never became ready is deleted without being asked for`() {
        for state in Self.states where ClusterOutcome.decide(state) == .replace {
            #expect(state.record == .creating)
        }
    }
}

struct ClusterDriftTests {
    private func drift(_ change: (inout Configuration.Cluster) -> Void, stated: Set<String>) throws
        -> [ClusterDrift]
    {
        var wanted = try SampleSession().session.configuration.cluster
        change(&wanted)
        let nodes = try ["control-plane", "worker"].map { try Fixture.container($0) }
        return ClusterDrift.find(wanted, stated: stated, nodes: nodes, record: nil)
    }

    @Test func `a number of workers that the file states is compared`() throws {
        #expect(
            try drift({ $0.workers = 2 }, stated: ["spec.cluster.workers"])
                == [ClusterDrift(field: "spec.cluster.workers", found: "1", wanted: "2")])
        #expect(try drift({ $0.workers = 1 }, stated: ["spec.cluster.workers"]) == [])
    }

    @Test func `a default is not compared`() throws {
        #expect(try drift({ $0.workers = 0 }, stated: ["spec.cluster.controlPlanes"]) == [])
    }

    @Test func `a port that kind did not publish is named as it would be`() throws {
        let mapping = Configuration.PortMapping(
            hostPort: try PortNumber(8080), nodePort: try PortNumber(30080))
        #expect(
            try drift(
                { $0.portMappings = [mapping] }, stated: ["spec.cluster.portMappings[0].hostPort"])
                == [
                    ClusterDrift(
                        field: "spec.cluster.portMappings", found: "none",
                        wanted: "127.0.0.1:8080 → 30080/tcp")
                ])
    }
}
