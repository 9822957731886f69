import ChildProcess
import SystemLibraries
import Vocabulary

/// How kubectl tells, a line each, what forwards have to know of a cluster.
///
/// A whole pod is 15 KB of JSON, and a line of this 300 bytes. kubectl aligns what a watch prints
/// at tabs, so fields are separated by a bar, which none of their values can hold.
package enum KubectlWatch {
    /// One object, as a line has it.
    package struct Item: Equatable {
        /// `ADDED`, `MODIFIED` or `DELETED`; nil in an answer to a read.
        package var event: String?
        package var kind: String
        package var namespace: String
        package var name: String
        package var uid: String
        /// RFC 3339, which sorts as text.
        package var created: String
        package var isBeingDeleted: Bool
        package var labels: [String: String]
        /// The labels a Service or workload chooses its pods by; nil when it chooses none.
        package var selector: [String: String]?
        /// A Service's ports, or those that a pod's containers declare.
        package var ports: [Port]
        package var isReady: Bool
        /// Whether its containers run, ready or not.
        package var isRunning: Bool
        /// Why a pod is not ready, in a word or two.
        package var reason: String
        /// The forwards that a Service's annotation asks for.
        var annotation: String?
    }

    /// A port of a Service or of a container.
    package struct Port: Equatable {
        package var name: String?
        package var number: BoundedInteger
        package var isTCP: Bool
        /// Where a Service's port leads.
        package var target: String?
    }

    /// The annotation by which a Service asks for forwards: `LOCAL:REMOTE[,…]`.
    package static let annotation = "devcluster.dev/forward"

    private static let fields = [
        "kind", "metadata.namespace", "metadata.name", "metadata.uid",
        "metadata.creationTimestamp", "metadata.deletionTimestamp", "metadata.labels",
        "spec.selector", "spec.ports", "spec['containers','initContainers'][*].ports[*]",
        #"status.conditions[?(@.type=="Ready")].status"#, "status.phase",
        "status.containerStatuses[*].state.waiting.reason",
        #"metadata.annotations.devcluster\.dev/forward"#,
    ]

    /// Reads everything that a forward can lead to.
    static let list = [
        "get", BuiltInKind.resources(.pod, .service, .deployment, .statefulSet),
        "--all-namespaces", "--output",
        "jsonpath={range .items[*]}|\(line(""))" + #"{"\n"}{end}\#(end)"#,
        "--request-timeout", "15s",
    ]

    /// The last line of a whole answer.
    package static let end = "end"

    /// Follows the pods, beginning with all that there are.
    static let watch = [
        "get", "pods", "--all-namespaces", "--watch", "--output-watch-events", "--output",
        "jsonpath={.type}|\(line(".object"))" + #"{"\n"}"#,
    ]

    /// Whether these are the arguments of such a read or watch, of whatever version of devcluster.
    static func isOurs(_ arguments: some Collection<String>) -> Bool {
        [list.prefix(4), watch.prefix(5)].contains { arguments.starts(with: $0) }
    }

    private static func line(_ prefix: String) -> String {
        fields.map { "{\(prefix).\($0)}" }.joined(separator: "|")
    }

    /// Reads a line; nil when it is something else, such as a complaint.
    package static func item(_ line: some StringProtocol) -> Item? {
        let parts: [Substring] = Substring(line).split(
            separator: "|", maxSplits: fields.count, omittingEmptySubsequences: false)
        guard parts.count == fields.count + 1, NameGrammar.anyObject(String(parts[3])) == nil,
            !parts[4].isEmpty, parts[2].isEmpty || NameGrammar.label(parts[2]) == nil
        else { return nil }
        let selector = texts(parts[8])
        let waiting = parts[13].split(separator: " ").first.map(String.init)
        return Item(
            event: parts[0].isEmpty ? nil : String(parts[0]), kind: String(parts[1]),
            namespace: String(parts[2]), name: String(parts[3]), uid: String(parts[4]),
            created: String(parts[5]), isBeingDeleted: !parts[6].isEmpty,
            labels: texts(parts[7]) ?? [:], selector: selector,
            ports: parts[9].isEmpty ? containerPorts(parts[10]) : servicePorts(parts[9]),
            isReady: parts[11] == "True", isRunning: parts[12] == "Running",
            reason: ShownText.line(waiting ?? String(parts[12]), limit: 60),
            annotation: parts[14].isEmpty ? nil : String(parts[14]))
    }

    /// A map of texts; a workload's is within `matchLabels`. Nil when it is empty or something else.
    private static func texts(_ part: some StringProtocol) -> [String: String]? {
        guard !part.isEmpty, let value = try? JSONValue(parsing: Data(part.utf8)) else {
            return nil
        }
        let map = (value["matchLabels"] ?? value).object?.compactMapValues(\.string)
        return map?.isEmpty == true ? nil : map
    }

    private static func servicePorts(_ part: some StringProtocol) -> [Port] {
        ((try? JSONValue(parsing: Data(part.utf8)))?.array ?? []).compactMap {
            port($0, number: "port")
        }
    }

    /// Objects one after the other: `{…} {…}`; no name of a port holds a space.
    private static func containerPorts(_ part: some StringProtocol) -> [Port] {
        let list = "[" + String(part).replacing("} {", with: "},{") + "]"
        return ((try? JSONValue(parsing: Data(list.utf8)))?.array ?? []).compactMap {
            port($0, number: "containerPort")
        }
    }

    private static func port(_ value: JSONValue, number: String) -> Port? {
        guard let port = value[number]?.integer else { return nil }
        let target = value["targetPort"]
        return Port(
            name: value["name"]?.string, number: port,
            isTCP: (value["protocol"]?.string ?? "TCP") == "TCP",
            target: target?.string ?? target?.digits)
    }
}

/// What `kubectl port-forward` is told and what it prints (`KubectlText`).
package enum KubectlForward {
    /// Whether a command line is kubectl's, whose first word that is no option, nor the value of one,
    /// is `port-forward`.
    package static func isForward(_ command: [String]) -> Bool {
        guard command.first?.split(separator: "/").last == "kubectl",
            let index = command.firstIndex(of: "port-forward")
        else { return false }
        return zip(command[1..<index], command).allSatisfy { word, before in
            word.hasPrefix("-") || before.hasPrefix("-")
        }
    }

    /// Forwards a port of its own choice, on this machine only, to a pod's.
    static func arguments(pod: String, port: Int) -> [String] {
        ["port-forward", "--address", "127.0.0.1", "pod/\(pod)", ":\(port)"]
    }

    /// Whether these are the arguments of such a forward.
    static func isOurs(_ arguments: some Collection<String>) -> Bool {
        let words = Array(arguments)
        return words.count == 5 && words.starts(with: ["port-forward", "--address", "127.0.0.1"])
            && words[3].hasPrefix("pod/") && words[4].hasPrefix(":")
    }

    /// The port it listens on: `Forwarding from 127.0.0.1:41923 -> 8080`.
    package static func port(_ line: some StringProtocol) -> Int? {
        let start = KubectlText.forwarding.words + "127.0.0.1:"
        guard line.hasPrefix(start) else { return nil }
        return Int(line.dropFirst(start.count).prefix { $0.isNumber })
    }

    /// Whether the line only tells of normal work.
    package static func isNormal(_ line: some StringProtocol) -> Bool {
        line.isEmpty || KubectlText.forwarding.begins(line) || isHandling(line)
    }

    /// Whether the line tells that a connection was taken; printed before anything is done for it.
    package static func isHandling(_ line: some StringProtocol) -> Bool {
        KubectlText.handling.begins(line)
    }

    /// Whether the line proves that a connection never reached the program in the pod.
    package static func isRefusal(_ line: some StringProtocol) -> Bool {
        KubectlText.failedForward.isIn(line) && KubectlText.refused.areIn(line)
    }

    /// What a line complains of, without what only kubectl's authors can use.
    package static func complaint(_ line: some StringProtocol) -> String {
        let text = String(line)
        guard isRefusal(line), text.lowercased().contains("connection refused"),
            let arrow = text.firstRange(of: " -> ")
        else { return ShownText.line(text) }
        return "the pod refuses connections on port "
            + text[arrow.upperBound...].prefix { $0.isNumber }
    }
}

extension Kubectl {
    /// Shows, in a dry run, the forward that a supervisor would keep up.
    ///
    /// - Parameter target: as `service/web`.
    /// - Returns: kubectl's arguments.
    package func plan(
        forwardTo target: String, address: String, port: Int, targetPort: String, namespace: String
    ) async throws -> [String] {
        let arguments =
            place(namespace) + [
                "port-forward", "--address", address, target, "\(port):\(targetPort)",
            ]
        _ = try await runner.run(Invocation("kubectl", arguments, effect: .changes))
        return arguments
    }
}
