import Tools

/// The pod that a forward leads to, chosen anew when something is learnt of the cluster.
struct ForwardTarget {
    private(set) var choice = ClusterView.Choice.unknown
    /// The state of the view that the choice was made from.
    private var chosenFrom: Int?
    /// The first reading of the cluster that it may be judged by.
    private var reading: Int

    /// - Parameter reading: the first reading of the cluster that it may be judged by.
    init(reading: Int) { self.reading = reading }

    /// Is judged from now on only by this reading and later ones.
    mutating func require(reading: Int) { self.reading = reading }

    /// What of a view it may be judged by; nil when it is too old.
    func usable(_ view: ClusterView?) -> ClusterView? {
        view.flatMap { $0.completed >= reading ? $0 : nil }
    }

    /// Chooses; a pass over all pods only when something changed.
    mutating func choose(from view: ClusterView?, for spec: ForwardSpec) {
        guard let view = usable(view) else {
            (choice, chosenFrom) = (.unknown, nil)
            return
        }
        guard chosenFrom != view.changes else { return }
        (choice, chosenFrom) = (view.choice(for: spec), view.changes)
    }

    /// The pod that a kubectl is to lead to: the ready one, or the one that will be.
    var destination: ClusterView.Destination? {
        switch choice {
        case .pod(let destination): destination
        case .none(_, let coming): coming
        case .unknown, .impossible: nil
        }
    }

    /// Whether a pod takes connections.
    var isReady: Bool {
        if case .pod = choice { return true }
        return false
    }

    /// Whether it cannot work as things are.
    var isImpossible: Bool {
        if case .impossible = choice { return true }
        return false
    }

    /// Whether it might work if only more were known.
    var isLost: Bool { choice == .unknown || isImpossible }
}
