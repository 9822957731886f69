import Settings
import Vocabulary

/// Turns the ports that a project's files open into forwards to what its manifests run.
struct ForwardAssignment: Sendable {
    /// A forward of the configuration.
    struct Assigned: Sendable, Equatable {
        var name: String
        /// `svc/web`
        var target: String
        var port: Int
        var targetPort: Int
        /// Why it is not opened.
        var problem: String?
    }

    private let objects: [JSONValue]
    private let images: [ImageAssignment.Assigned]
    private let isFree: @Sendable (Int) -> Bool
    /// The forwards, each port once.
    private(set) var forwards: [Assigned] = []
    /// What leads nowhere.
    private(set) var remarks: [String] = []

    init(
        _ findings: [ForwardFinding], objects: [JSONValue], images: [ImageAssignment.Assigned],
        isFree: @escaping @Sendable (Int) -> Bool
    ) {
        self.objects = objects
        self.images = images
        self.isFree = isFree
        for finding in findings { add(finding) }
    }

    private var services: [JSONValue] { objects.filter { $0["kind"]?.string == "Service" } }

    private mutating func add(_ finding: ForwardFinding) {
        let ports = 1...65_535
        guard let (target, port) = target(of: finding), ports.contains(port),
            ports.contains(finding.localPort)
        else {
            let name =
                switch finding.target {
                case .service(let name), .workload(let name): name
                }
            remarks.append(
                "\(finding.origin): port \(finding.localPort) of \(name), which no manifest runs")
            return
        }
        // Below 1024 a port is root's alone.
        let local = finding.localPort < 1024 ? finding.localPort + 8000 : finding.localPort
        guard !forwards.contains(where: { $0.port == local }) else { return }
        let base = ConfigurationDraft.clusterName(ProjectPath.name(of: target))
        let isTaken = forwards.contains { $0.name == base }
        forwards.append(
            Assigned(
                name: isTaken ? "\(base)-\(local)" : base, target: target, port: local,
                targetPort: port, problem: isFree(local) ? nil : "port \(local) is in use"))
    }

    private func target(of finding: ForwardFinding) -> (String, Int)? {
        switch finding.target {
        case .service(let name):
            guard let service = services.first(where: { $0.name == name }) else { return nil }
            let ports = (service["spec"]?["ports"]?.array ?? []).compactMap {
                $0["port"]?.integer?.value
            }
            guard
                let port = finding.port.map({ port in ports.first { $0 == port } })
                    ?? ports.first
            else { return nil }
            return ("svc/\(name)", port)
        case .workload(let name):
            guard let workload = workload(name) else { return nil }
            return serviceTarget(of: workload, finding.port)
                ?? ownTarget(of: workload, finding.port)
        }
    }

    /// The workload of this name, or the one that runs the image of a service of this name.
    private func workload(_ name: String) -> JSONValue? {
        let workloads = objects.filter(\.runsPods)
        if let found = workloads.first(where: { $0.name == name }) { return found }
        let references = images.filter { $0.finding.names.contains(name) }.flatMap(\.references)
        return workloads.first { workload in
            ContainerUse.all(in: [workload]).contains { use in
                let reference = try? ImageReference(use.reference).withoutTagAndDigest
                return reference.map { references.contains($0) } ?? false
            }
        }
    }

    /// The Service that leads to this port of the workload's pods.
    private func serviceTarget(of workload: JSONValue, _ wanted: Int?) -> (String, Int)? {
        let labels = workload["spec"]?["template"]?["metadata"]?["labels"]?.object ?? [:]
        for service in services
        where service["metadata"]?["namespace"] == workload["metadata"]?["namespace"] {
            let selector = service["spec"]?["selector"]?.object ?? [:]
            guard !selector.isEmpty, selector.allSatisfy({ labels[$0.key] == $0.value }) else {
                continue
            }
            for entry in service["spec"]?["ports"]?.array ?? [] {
                guard let port = entry["port"]?.integer?.value else { continue }
                let container = containerPort(
                    entry["targetPort"] ?? .integer(Int64(port)), workload)
                if wanted == nil || container == wanted { return ("svc/\(service.name)", port) }
            }
        }
        return nil
    }

    private func ownTarget(of workload: JSONValue, _ wanted: Int?) -> (String, Int)? {
        let kind = workload["kind"]?.string?.lowercased() ?? ""
        guard ["deployment", "statefulset"].contains(kind) else { return nil }
        let first = ports(of: workload).first?["containerPort"]?.integer?.value
        return (wanted ?? first).map { ("\(kind)/\(workload.name)", $0) }
    }

    private func containerPort(_ value: JSONValue, _ workload: JSONValue) -> Int? {
        if let number = value.integer { return number.value }
        return ports(of: workload).first { $0["name"] == value }?["containerPort"]?.integer?.value
    }

    private func ports(of workload: JSONValue) -> [JSONValue] {
        let containers = workload["spec"]?["template"]?["spec"]?["containers"]?.array ?? []
        return containers.flatMap { $0["ports"]?.array ?? [] }
    }
}

extension JSONValue {
    fileprivate var name: String { self["metadata"]?["name"]?.string ?? "" }
}
