import Tools
import Vocabulary

/// The objects of a deploy in as few groups as will do: one, unless some of them have to be at
/// work before others can be applied.
struct ApplyWaves: Sendable {
    /// Each group is applied when the one before is; no group is empty.
    let waves: [[JSONValue]]

    /// Divides objects that stand in their order.
    init(_ objects: [JSONValue], guards: ObjectGuards) {
        let all = objects.map { ManifestObject($0) }
        let definitions = all.filter { $0.builtIn == .customResourceDefinition }
        let isNeeded = all.contains { object in definitions.contains { $0.defines(object) } }
        var waves: [[JSONValue]] = [[], [], []]
        for object in all {
            if isNeeded, ApplyWaves.isEarly(object) {
                waves[0].append(object.value)
            } else if guards.concern(object) {
                waves[2].append(object.value)
            } else {
                waves[1].append(object.value)
            }
        }
        self.waves = waves.filter { !$0.isEmpty }
    }

    /// Whether it is a definition, or a namespace that objects of others are in.
    static func isEarly(_ object: ManifestObject) -> Bool {
        [.namespace, .customResourceDefinition].contains(object.builtIn)
    }
}
