/// Where a value stands in an object, as `spec.template.spec.containers[web].image`.
package struct ObjectPath: Sendable, Hashable, CustomStringConvertible {
    /// One level down.
    package enum Step: Sendable, Hashable {
        /// A member of an object.
        case member(String)
        /// An element of a list, and its `name` where it has one.
        case element(Int, name: String?)
    }

    var steps: [Step] = []

    package init(steps: [Step] = []) {
        self.steps = steps
    }

    /// A value one level further down.
    package func appending(_ step: Step) -> ObjectPath { ObjectPath(steps: steps + [step]) }

    /// The path of what holds the value.
    package var parent: ObjectPath { ObjectPath(steps: steps.dropLast()) }

    /// The last member's name, whatever lists there are below it.
    package var key: String? { members.last }

    /// The members' names, from the outside in.
    package var members: [String] {
        steps.compactMap { step in
            if case .member(let name) = step { name } else { nil }
        }
    }

    /// The value there; nil when there is none.
    package func value(in object: JSONValue) -> JSONValue? {
        steps.reduce(object as JSONValue?) { value, step in
            switch step {
            case .member(let name): value?[name]
            case .element(let index, _): value?[index]
            }
        }
    }

    /// The object with another value there; the same object when there is none to replace.
    package func replacing(in object: JSONValue, by new: JSONValue) -> JSONValue {
        ObjectPath.replace(steps[...], in: object, by: new)
    }

    private static func replace(_ steps: ArraySlice<Step>, in value: JSONValue, by new: JSONValue)
        -> JSONValue
    {
        guard let step = steps.first else { return new }
        var result = value
        switch step {
        case .member(let name):
            guard let inner = value[name] else { return value }
            result[name] = replace(steps.dropFirst(), in: inner, by: new)
        case .element(let index, _):
            guard let inner = value[index] else { return value }
            result[index] = replace(steps.dropFirst(), in: inner, by: new)
        }
        return result
    }

    /// Whether both stand for the same place of two versions of an object: elements with names are
    /// told apart by these, all others of one list are not.
    package func isSamePlace(as other: ObjectPath) -> Bool {
        steps.count == other.steps.count
            && zip(steps, other.steps).allSatisfy { mine, its in
                switch (mine, its) {
                case (.element(_, let mine), .element(_, let its)): mine == its
                default: mine == its
                }
            }
    }

    /// As JSON Patch wants it (RFC 6901).
    package var pointer: String {
        steps.map { step in
            switch step {
            case .member(let name):
                "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
            case .element(let index, _): "/\(index)"
            }
        }.joined()
    }

    /// As kubectl's `--output jsonpath` wants it.
    package var jsonPath: String {
        steps.map { step in
            switch step {
            case .member(let name): "." + name.replacing(".", with: "\\.")
            case .element(_, let name?): "[?(@.name==\"\(name)\")]"
            case .element(let index, nil): "[\(index)]"
            }
        }.joined()
    }

    package var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .member(let name) where name.utf8.contains(UInt8(ascii: ".")):
                text += "['\(name)']"
            case .member(let name): text += (text.isEmpty ? "" : ".") + name
            case .element(let index, let name): text += "[\(name ?? String(index))]"
            }
        }
        return text
    }
}
