import Vocabulary

/// A rule by which netavark sends a published port of the host to a container.
struct NetavarkRule: Sendable {
    /// A port of the host, as a container publishes it.
    struct Port: Hashable, Sendable {
        /// Empty for every address.
        var host: String
        var number: Int
        var transport: String
    }

    var port: Port
    /// The container's.
    var address: String
    /// The program that removes it, and its arguments.
    var removal: (tool: String, arguments: [String])

    /// `-A NETAVARK-DN-… -d 127.0.0.1/32 -p tcp -m tcp --dport 5000 -j DNAT --to-destination
    /// 10.89.0.2:5000`, as `iptables --list-rules` prints it; nil for any other line.
    init?(iptables line: Substring) {
        let words = line.split(separator: " ").map(String.init)
        func value(of option: String) -> String? {
            words.firstIndex(of: option).flatMap { words.dropFirst($0 + 1).first }
        }
        guard words.count > 2, words[0] == "-A", words[1].hasPrefix("NETAVARK-"),
            let number = value(of: "--dport").flatMap({ Int($0) }),
            let target = value(of: "--to-destination")?.parted(atLast: UInt8(ascii: ":"))
        else { return nil }
        port = Port(
            host: value(of: "-d")?.split(separator: "/").first.map(String.init) ?? "",
            number: number, transport: value(of: "-p") ?? "tcp")
        address = String(target.before)
        removal = (
            "iptables", ["--wait", "--table", "nat", "--delete"] + words.dropFirst()
        )
    }

    /// `ip daddr 127.0.0.1 tcp dport 5000 dnat ip to 10.89.0.2:5000 # handle 31`, as `nft --handle
    /// list table` prints it below the name of its chain; nil for any other line.
    init?(nftables line: Substring, chain: String) {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        func value(after word: String) -> String? {
            words.firstIndex(of: word).flatMap { words.dropFirst($0 + 1).first }
        }
        guard words.contains("dnat"), let dport = words.firstIndex(of: "dport"), dport > 0,
            let number = value(after: "dport").flatMap({ Int($0) }),
            let target = value(after: "to")?.parted(atLast: UInt8(ascii: ":")),
            let handle = value(after: "handle").flatMap({ Int($0) }), handle > 0
        else { return nil }
        port = Port(
            host: value(after: "daddr") ?? "", number: number, transport: words[dport - 1])
        address = String(target.before)
        removal = (
            "nft", ["delete", "rule", "inet", "netavark", chain, "handle", "\(handle)"]
        )
    }

    /// The rules that `iptables --list-rules` printed.
    static func all(iptables text: String) -> [NetavarkRule] {
        text.split(whereSeparator: \.isNewline).compactMap { NetavarkRule(iptables: $0) }
    }

    /// The rules that `nft --handle list table inet netavark` printed, of the chains that have a
    /// network's published ports (netavark, `src/firewall/nft.rs`).
    static func all(nftables text: String) -> [NetavarkRule] {
        var chain: String?
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.first == "chain" {
                chain = words.dropFirst().first.map(String.init).flatMap { name in
                    let isPlain = name.utf8.allSatisfy {
                        $0 == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    }
                    return name.hasPrefix("nv_") && isPlain ? name : nil
                }
            }
            return chain.flatMap { NetavarkRule(nftables: line, chain: $0) }
        }
    }
}
