import Tools
import Workloads

/// The objects of a namespace, as far as `status` tells of them, in one reading of the list.
struct StatusObjects: ItemList {
    /// An object with what both of its readers take of it.
    struct Item: Decodable {
        let rollout: RolloutObjects.Item
        /// Only a Service without an address.
        let pendingBalancer: String?

        init(from decoder: any Decoder) throws {
            rollout = try RolloutObjects.Item(from: decoder)
            guard case .other = rollout else {
                pendingBalancer = nil
                return
            }
            let service = try PendingLoadBalancers.Service(from: decoder)
            pendingBalancer = service.isPending ? service.metadata.name : nil
        }
    }

    private(set) var rollout = RolloutObjects()
    private(set) var pendingBalancers: [String] = []

    mutating func add(_ item: Item) {
        rollout.add(item.rollout)
        if let name = item.pendingBalancer { pendingBalancers.append(name) }
    }
}
