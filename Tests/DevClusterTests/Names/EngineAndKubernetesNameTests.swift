import Testing
import Vocabulary

/// The message of the error that making this name throws.
private func reason<Text: ValidatedText>(_ type: Text.Type, _ text: String) -> String? {
    do throws(DevClusterError) {
        _ = try Text(text)
        return nil
    } catch {
        return error.message
    }
}

@Suite struct `Names of clusters, containers and volumes` {
    @Test(arguments: ["a", "angzarr", "my-team.dev", "k8s-1.36", String(repeating: "a", count: 40)])
    func `cluster names that kind and Kubernetes accept are accepted`(name: String) throws {
        #expect(try ClusterName(name).description == name)
    }

    @Test(arguments: [
        ("", "cluster name is empty"),
        ("Angzarr", #"cluster name "Angzarr" is not valid: "A" is not allowed, only a-z"#),
        ("my_team", #""_" is not allowed"#),
        ("-a", "it must begin and end with a letter or digit"),
        ("a-", "it must begin and end with a letter or digit"),
        ("a..b", #"it must not begin or end with "." or contain "..""#),
        (".a", #"it must not begin"#),
        ("a b", #"" " is not allowed"#),
        ("a\nb", #""a\nb" is not valid: "\n" is not allowed"#),
        ("é", #""é" is not allowed"#),
        ("a\u{301}", "is not allowed"),
        (String(repeating: "a", count: 41), "41 characters, 40 are allowed"),
    ])
    func `any other cluster name is refused with a reason`(name: String, why: String) {
        #expect(reason(ClusterName.self, name)?.contains(why) == true)
    }

    @Test func `the longest cluster name leaves room for kind's longest node name`() {
        #expect(ClusterName.longest + "-external-load-balancer".count <= 63)
    }

    @Test(arguments: ["kind-registry", "a", "A_b.c-1", "0"])
    func `container and volume names follow the engines`(name: String) {
        #expect(reason(ContainerName.self, name) == nil)
        #expect(reason(VolumeName.self, name) == nil)
    }

    @Test(arguments: [
        "", "-rm", ".a", "a/b", "a:b", "a b", "$(id)", String(repeating: "a", count: 254),
    ])
    func `what an engine would refuse, or read as an option, is no name`(name: String) {
        #expect(reason(ContainerName.self, name) != nil)
        #expect(reason(VolumeName.self, name) != nil)
    }
}

@Suite struct `Names of Kubernetes objects` {
    @Test func `a namespace is a label of at most 63 characters`() {
        #expect(reason(NamespaceName.self, String(repeating: "a", count: 63)) == nil)
        #expect(
            reason(NamespaceName.self, String(repeating: "a", count: 64))?.contains("64 characters")
                == true)
        #expect(reason(NamespaceName.self, "a.b") != nil)
        #expect(reason(NamespaceName.self, "kube-system") == nil)
    }

    @Test func `other objects are subdomains of at most 253 characters`() {
        let long = Array(repeating: String(repeating: "a", count: 49), count: 5).joined(
            separator: ".")
        #expect(reason(ObjectName.self, long) == nil)
        #expect(reason(ObjectName.self, String(repeating: "a", count: 254)) != nil)
        #expect(reason(ObjectName.self, "a.-b") != nil)
        #expect(reason(ObjectName.self, "A") != nil)
    }

    @Test(arguments: ["angzarr.io/descriptor", "app", "a/b", "x.y.z/A_b.c"])
    func `annotation keys may have a prefix`(key: String) {
        #expect(reason(AnnotationKey.self, key) == nil)
    }

    @Test(arguments: [
        "", "/a", "a/", "a/b/c", "A.io/x", "a/-b", "a/" + String(repeating: "a", count: 64),
    ])
    func `malformed annotation keys are refused`(key: String) {
        #expect(reason(AnnotationKey.self, key) != nil)
    }

    @Test func `contexts may be anything that is no option and can be shown`() {
        #expect(reason(ContextName.self, "arn:aws:eks:eu-west-1:1:cluster/team one") == nil)
        #expect(reason(ContextName.self, "--help")?.contains("must not begin") == true)
        #expect(reason(ContextName.self, "a\u{1B}[2J")?.contains("control character") == true)
        #expect(reason(ContextName.self, "") == "context is empty")
    }

    @Test func `port names follow RFC 6335`() {
        #expect(["http", "grpc-web", "8080-tcp"].allSatisfy { reason(PortName.self, $0) == nil })
        #expect(
            ["", "8080", "a--b", "-a", "HTTP", "sixteen-letters-"].allSatisfy {
                reason(PortName.self, $0) != nil
            })
    }
}

@Suite struct `Ports and addresses` {
    @Test func `ports go from 1 to 65535`() throws {
        #expect(try PortNumber(1).value == 1)
        #expect(try PortNumber("65535").description == "65535")
        for wrong in [0, -1, 65536, .max] {
            #expect(throws: DevClusterError.self) { try PortNumber(wrong) }
        }
        for wrong in ["", "+80", "-1", " 80", "0x50", "٨٠", "99999999999999999999"] {
            #expect(throws: DevClusterError.self) { try PortNumber(wrong) }
        }
    }

    @Test func `a target port is a number or a name`() throws {
        #expect(try TargetPort("8080") == .number(PortNumber(8080)))
        #expect(try TargetPort("http") == .name(PortName("http")))
        #expect(throws: DevClusterError.self) { try TargetPort("0") }
        let both: [TargetPort] = try JSONValue(parsing: #"[8080, "http"]"#).decoded()
        #expect(both.map(\.description) == ["8080", "http"])
        #expect(try JSONValue(encoding: both) == [8080, "http"])
        #expect(throws: (any Error).self) {
            try JSONValue(parsing: "[70000]").decoded(as: [TargetPort].self)
        }
    }

    @Test func `addresses say whether only this machine reaches them`() throws {
        #expect(try IPAddress("127.1.2.3").isLoopback)
        #expect(try IPAddress("::1").isLoopback)
        #expect(try !IPAddress("192.168.0.1").isLoopback)
        #expect(try IPAddress("0.0.0.0").isWildcard)
        #expect(try IPAddress("::").isWildcard)
        #expect(try !IPAddress("::1").isWildcard)
        for wrong in [
            "", "localhost", "1.2.3", "256.1.1.1", "1.2.3.4 ", "[::1]", "::1%eth0", "1.2.3.4\0",
        ] {
            #expect(throws: DevClusterError.self) { try IPAddress(wrong) }
        }
    }
}
