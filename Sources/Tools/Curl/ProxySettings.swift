import Vocabulary

/// The proxy variables of a process or container, as Go programs read them: kind, containerd.
package struct ProxySettings: Sendable, Equatable {
    /// The variables that name a proxy.
    package let proxies: [String]
    /// Whether plain HTTP goes through a proxy.
    package let takesHTTP: Bool
    /// What is reached without it.
    package let exceptions: [String]

    package init(_ environment: [String: String]) {
        func first(_ names: [String]) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let names = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]
        proxies = names.filter { environment[$0]?.isEmpty == false }
        takesHTTP = first(["HTTP_PROXY", "http_proxy"]) != nil
        exceptions = (first(["NO_PROXY", "no_proxy"]) ?? "").split(separator: ",")
            .map(\.trimmingSpace).filter { !$0.isEmpty }
    }

    /// Reads `NAME=value`, as a container's description has it.
    package init(_ environment: [String]) {
        let pairs = environment.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        self.init(
            Dictionary(pairs.map { ($0.first ?? "", $0.count > 1 ? $0[1] : "") }) { $1 })
    }

    /// Those of these names and ranges that a proxy is asked for.
    package func missing(_ names: [String]) -> [String] {
        guard !exceptions.contains("*") else { return [] }
        return names.filter { name in
            !exceptions.contains {
                // A name also means what is below it.
                $0 == name || ".\($0)" == name || (name == "127.0.0.1" && $0 == "127.0.0.0/8")
            }
        }
    }
}
