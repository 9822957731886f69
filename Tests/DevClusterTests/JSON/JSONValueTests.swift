import SystemLibraries
import Testing
import Tools
import Vocabulary

@Suite struct `A JSON value` {
    private let pod: JSONValue = [
        "kind": "Pod",
        "spec": ["containers": [["name": "web", "ports": [["containerPort": 8080]]]]],
    ]

    @Test func `is read along a path`() {
        let container = pod["spec"]?["containers"]?[0]
        #expect(container?["name"]?.string == "web")
        #expect(container?["ports"]?[0]?["containerPort"]?.integer == 8080)
        #expect(pod["spec"]?["containers"]?[1] == nil)
        #expect(pod["spec"]?["nodeName"]?.string == nil)
        #expect(pod["kind"]?["deeper"] == nil)
        #expect(pod["spec"]?[0] == nil)
        #expect(pod["spec"]?["containers"]?[-1] == nil)
    }

    @Test func `gives nothing where another kind is asked for`() {
        let kinds: [JSONValue] = [.null, true, 1, .number(1.5), "a", [], [:]]
        #expect(kinds.compactMap(\.bool) == [true])
        #expect(kinds.compactMap(\.integer) == [1])
        #expect(kinds.compactMap(\.number) == [1, 1.5])
        #expect(kinds.compactMap(\.string) == ["a"])
        #expect(kinds.compactMap(\.array) == [[]])
        #expect(kinds.compactMap(\.object) == [[:]])
        #expect(kinds.filter(\.isNull).count == 1)
        #expect(kinds.map(\.kindName).count == 7)
        #expect(JSONValue.unsigned(.max).integer == nil)
    }

    @Test func `is changed in place along a path`() throws {
        var pod = pod
        pod["spec"]?["containers"]?[0]?["image"] = "localhost:5001/web:dev-1"
        pod["metadata"] = ["name": "web"]
        pod["metadata"]?["labels"] = .null
        pod["metadata"]?["labels"]?["app"] = "web"
        pod["kind"] = nil
        let text = String(decoding: try pod.encoded(), as: UTF8.self)
        let expected =
            #"{"metadata":{"labels":{"app":"web"},"name":"web"},"spec":{"containers":[{"image":"#
            + #""localhost:5001/web:dev-1","name":"web","ports":[{"containerPort":8080}]}]}}"#
        #expect(text == expected)
    }

    @Test func `ignores changes that do not fit its kind`() {
        var text: JSONValue = "a"
        text["b"] = 1
        text[0] = 1
        #expect(text == "a")
        var list: JSONValue = [1, 2, 3]
        list[5] = 1
        list[1] = nil
        #expect(list == [1, 3])
    }

    @Test func `goes through other Codable types`() throws {
        struct Container: Codable, Equatable {
            var name: String
            var image: JSONValue
        }
        let value: JSONValue = ["name": "web", "image": ["a": [1, true, "x"], "b": .null]]
        let container: Container = try value.decoded()
        #expect(container.image["a"]?[1] == true)
        #expect(try JSONValue(encoding: container) == value)
    }

    @Test func `keeps its numbers through JSONDecoder and JSONEncoder`() throws {
        let text = #"[9223372036854775807,18446744073709551615,-1,0.1,null,"a",{"b":false}]"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(value[0] == .integer(.max))
        #expect(value[1] == .unsigned(.max))
        #expect(value[3] == .number(0.1))
        #expect(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) == text)
    }
}
