import Testing

@testable import Settings
@testable import Vocabulary

struct TextValuesTests {
    @Test func `a value that is no text is named, and not shown`() {
        let error = #expect(throws: DevClusterError.self) {
            try TextValues.require([
                [
                    "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "login"],
                    "stringData": ["user": "me", "pin": 471147, "on": true],
                    "data": ["empty": .null],
                ],
                [
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "settings"],
                    "data": ["ports": [1, 2]],
                ],
            ])
        }
        #expect(
            error?.message == """
                Secret/login: stringData.on is true or false, and has to be text
                Secret/login: stringData.pin is a number, and has to be text
                ConfigMap/settings: data.ports is a list, and has to be text
                """)
        #expect(error?.hint == "put the value in quotes; nothing was applied")
    }

    @Test func `text is fine, and what is of another group may be anything`() throws {
        try TextValues.require([
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "login"],
                "stringData": ["pin": "471147"],
            ],
            [
                "apiVersion": "example.com/v1", "kind": "Secret", "metadata": ["name": "other"],
                "data": ["pin": 471147],
            ],
        ])
    }
}
