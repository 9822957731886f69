import Vocabulary

/// What a kustomization names, without rendering it.
struct Kustomization: Sendable, Equatable {
    static let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    /// The folder it is in.
    let place: String
    /// Whether it can only be a part of others.
    let isComponent: Bool
    /// Paths that it takes in: folders and files of the project.
    let uses: Set<String>
    /// Whether it takes in what is not in the project.
    let isRemote: Bool

    init(_ document: JSONValue, place: String) {
        self.place = place
        isComponent = document["kind"]?.string == "Component"
        let lists = ["resources", "bases", "components"].flatMap { document[$0]?.array ?? [] }
        let others = ["patches", "patchesStrategicMerge", "crds", "configurations", "transformers"]
            .flatMap { document[$0]?.array ?? [] }.compactMap { $0.string ?? $0["path"]?.string }
        let written = lists.compactMap(\.string)
        uses = Set((written + others).compactMap { ProjectPath.joined(place, $0) })
        isRemote = written.contains { text in
            ["://", "?ref=", "git@", "github.com/"].contains { text.contains($0) }
        }
    }
}
