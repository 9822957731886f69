import Testing

@testable import Settings
@testable import Vocabulary

struct JSONPathTests {
    private let object: JSONValue = [
        "spec": [
            "image": "a",
            "pods": [["name": "x", "image": "b"], ["name": "y", "image": "c"]],
            "by.name": ["k": "d"],
        ]
    ]

    @Test(arguments: [
        (".spec.image", ["a"]), ("{.spec.image}", ["a"]), ("$.spec.image", ["a"]),
        ("spec.image", ["a"]), (".spec.pods[*].image", ["b", "c"]), (".spec.pods[1].image", ["c"]),
        (".spec.pods[-1].image", ["c"]), (#".spec.pods[?(@.name=="y")].image"#, ["c"]),
        (".spec.pods[?(@.name == 'x')].image", ["b"]), (#".spec.by\.name.k"#, ["d"]),
        (".spec['by.name'].*", ["d"]), (".spec.missing[*].image", []), (".spec.pods[7].image", []),
    ]) func `paths lead to what kubectl would print`(text: String, values: [String]) throws {
        let path = try JSONPath(text)
        #expect(path.paths(in: object).map { $0.value(in: object)?.string } == values)
        #expect(path.description == text)
    }

    @Test(arguments: [
        "", "{}", "$", ".", "..image", ".spec..image", ".a[", ".a[]", ".a[x]", ".a['b]",
        ".a[?(@.b)]",
        ".a[?(@==\"b\")]", ".a b", ".a]", ".a[1", ".a[99999999999999999999]",
    ]) func `anything else is refused with the right way to write it`(text: String) {
        let error = #expect(throws: DevClusterError.self) { try JSONPath(text) }
        #expect(error?.message.hasPrefix("JSONPath") == true)
        #expect(error?.hint?.contains(".spec.image") == true)
    }

    @Test func `a path without end is not read`() {
        #expect(throws: DevClusterError.self) {
            try JSONPath(String(repeating: ".a", count: 251))
        }
    }

    @Test func `a place is written so that it leads there again`() throws {
        let pointer = ObjectPath(steps: [
            .member("spec"), .member("a/b~c"), .element(3, name: nil),
        ]).pointer
        #expect(pointer == "/spec/a~1b~0c/3")
        for path in try JSONPath(".spec.pods[*].image").paths(in: object) {
            #expect(try JSONPath(path.jsonPath).paths(in: object) == [path])
        }
    }

    @Test(arguments: ["Site", "Site.example.com"]) func `a kind may have its group`(text: String)
        throws
    {
        #expect(try ObjectKind(text).description == text)
    }

    @Test(arguments: ["", "Site.", "--all", "Si te", "Site.exa mple"])
    func `what is no kind is refused`(text: String) {
        #expect(throws: DevClusterError.self) { try ObjectKind(text) }
    }
}
