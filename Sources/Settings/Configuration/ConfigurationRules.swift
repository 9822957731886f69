import Vocabulary

/// What the schema cannot say: fields that exclude each other, and values that must differ.
struct ConfigurationRules {
    /// A field that makes others meaningless.
    private struct Exclusion {
        var selector: FieldPath
        var others: [FieldPath]
        var reason: String
    }

    private static let exclusions = [
        Exclusion(
            selector: "spec.cluster.kubeContext",
            others: [
                "spec.cluster.nodeImage", "spec.cluster.controlPlanes", "spec.cluster.workers",
                "spec.cluster.portMappings", "spec.cluster.kindConfig",
            ],
            reason: "an existing cluster is not made by kind"),
        Exclusion(
            selector: "spec.registry.host",
            others: [
                "spec.registry.name", "spec.registry.port", "spec.registry.image",
                "spec.registry.volume",
            ],
            reason: "an existing registry is not made by devcluster"),
    ]

    /// Fields whose value in file and environment does not count, as a selector beats them.
    private(set) var ignored: Set<FieldPath> = []
    /// What is wrong, each with its places.
    private(set) var errors: [String] = []

    /// Judges which of the fields that exclude each other count.
    ///
    /// Both in the file, or a flag beside a selector, is an error. Otherwise the selector wins: a
    /// variable such as DEVCLUSTER_NODE_IMAGE is set for every project of a machine, and a flag or
    /// variable with the selector overrides what the file says about a cluster of our own.
    init(document: JSONValue?, overrides: ConfigurationOverrides) {
        func origin(_ path: FieldPath) -> ConfigurationView.Origin? {
            if let override = overrides.values[path] { return override.origin }
            let value = path.names.reduce(document) { $0?[$1] }
            return value == nil || value == .null ? nil : .file
        }
        for exclusion in Self.exclusions {
            guard let chosen = origin(exclusion.selector) else { continue }
            for other in exclusion.others {
                guard let level = origin(other) else { continue }
                if level == .flag || (level == .file && chosen == .file) {
                    errors.append(
                        "\(exclusion.selector) and \(other) exclude each other: "
                            + exclusion.reason)
                } else {
                    ignored.insert(other)
                }
            }
        }
        if origin("spec.registry.pullSecret") != nil, origin("spec.registry.host") == nil {
            errors.append("spec.registry.pullSecret: has no meaning without spec.registry.host")
        }
    }

    /// Checks a tree that the reader made, which may still hold gaps where values were wrong.
    mutating func check(_ tree: JSONValue) {
        let spec = tree["spec"] ?? .null
        checkNames(spec)
        checkReferences(spec)
        checkLocalPorts(spec)
        if let name = spec["registry"]?["name"]?.string, name.contains("_") || name.count > 63 {
            errors.append(
                "spec.registry.name: \(ShownText.quoted(name)) cannot be a host name, which the "
                    + "nodes need it for: no \"_\", at most 63 characters")
        }
        for (index, source) in (spec["manifests"]?.array ?? []).enumerated() {
            guard let command = source["render"]?.array else { continue }
            if command.first?.string?.isEmpty ?? true {
                errors.append("spec.manifests[\(index)].render: the program is missing")
            }
        }
    }

    private mutating func checkNames(_ spec: JSONValue) {
        for (list, member) in [("images", "name"), ("forwards", "name"), ("locks", "workload")] {
            var places: [String: String] = [:]
            for (index, element) in (spec[list]?.array ?? []).enumerated() {
                guard let text = element[member]?.string else { continue }
                let place = "spec.\(list)[\(index)].\(member)"
                reportTwo(place, places[text], "are both \(ShownText.quoted(text))")
                places[text] = places[text] ?? place
            }
        }
    }

    /// A reference in a manifest must mean one image.
    private mutating func checkReferences(_ spec: JSONValue) {
        var owners: [String: (image: Int, place: String)] = [:]
        let images = spec["images"]?.array ?? []
        for (index, image) in images.enumerated() {
            guard let name = image["name"]?.string else { continue }
            owners[name] = owners[name] ?? (index, "spec.images[\(index)].name")
        }
        for (index, image) in images.enumerated() {
            for (position, reference) in (image["matches"]?.array ?? []).enumerated() {
                guard let text = reference.string else { continue }
                let place = "spec.images[\(index)].matches[\(position)]"
                if let owner = owners[text], owner.image != index {
                    reportTwo(
                        place, owner.place, "both claim the reference \(ShownText.quoted(text))")
                } else {
                    owners[text] = (index, place)
                }
            }
        }
    }

    /// One port of this machine serves one thing.
    private mutating func checkLocalPorts(_ spec: JSONValue) {
        var listeners = Listeners()
        func add(_ place: String, _ port: JSONValue?, _ address: JSONValue?, _ kind: String) {
            guard let port = port?.integer, let address = try? IPAddress(address?.string ?? "")
            else { return }
            let earlier = listeners.add(place, address, to: "\(kind) \(port)")
            reportTwo(place, earlier, "are both \(port)")
        }
        if spec["registry"]?["host"] == nil {
            add("spec.registry.port", spec["registry"]?["port"], "127.0.0.1", "TCP")
        }
        for (index, mapping) in (spec["cluster"]?["portMappings"]?.array ?? []).enumerated() {
            let place = "spec.cluster.portMappings[\(index)].hostPort"
            add(place, mapping["hostPort"], mapping["address"], mapping["protocol"]?.string ?? "")
        }
        for (index, forward) in (spec["forwards"]?.array ?? []).enumerated() {
            add("spec.forwards[\(index)].port", forward["port"], forward["address"], "TCP")
        }
    }

    /// What listens where, found without going through all of it.
    private struct Listeners {
        private struct Port {
            var first: String
            var onEveryAddress: String?
            var places: [IPAddress: String] = [:]
        }
        private var ports: [String: Port] = [:]

        /// Adds a place; returns one from before that listens at the same address.
        mutating func add(_ place: String, _ address: IPAddress, to port: String) -> String? {
            guard var known = ports[port] else {
                ports[port] = Port(
                    first: place, onEveryAddress: address.isWildcard ? place : nil,
                    places: [address: place])
                return nil
            }
            // Taken out, so that it is changed in place.
            ports[port] = nil
            defer { ports[port] = known }
            let earlier =
                address.isWildcard ? known.first : known.places[address] ?? known.onEveryAddress
            if known.places[address] == nil { known.places[address] = place }
            if address.isWildcard, known.onEveryAddress == nil { known.onEveryAddress = place }
            return earlier
        }
    }

    private mutating func reportTwo(_ place: String, _ earlier: String?, _ what: String) {
        guard let earlier else { return }
        errors.append("\(earlier) and \(place) \(what)")
    }
}
