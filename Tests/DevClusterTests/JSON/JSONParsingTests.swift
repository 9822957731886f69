import SystemLibraries
import Testing
import Vocabulary

@Suite struct `Reading JSON` {
    @Test(arguments: [
        "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808",
        "18446744073709551615", "0.1", "1.5", "-0.25", "123456.789", "3.14159265358979", "1e-07",
        "5e-324", "1.7976931348623157e+308", "[]", "{}", #""""#, #""a/b""#,
        #"[1,[2,[3]],{"a":{"b":null}}]"#, #""é😀\u0001\n\t\\\"""#, #"{"a":1,"b":2}"#,
    ])
    func `and writing it again changes nothing`(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(String(decoding: try value.encoded(), as: UTF8.self) == text)
    }

    @Test func `understands every escape`() throws {
        let text = #""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u003c""#
        #expect(try JSONValue(parsing: text) == "\"\\/\u{8}\u{C}\n\r\tAé😀<")
    }

    @Test func `takes the last of members with one name, as kubectl does`() throws {
        #expect(try JSONValue(parsing: #"{"a": 1, "a": 2}"#) == ["a": 2])
    }

    @Test func `keeps large numbers as near as a double can`() throws {
        #expect(
            try JSONValue(parsing: "18446744073709551616") == .number(18_446_744_073_709_551_616))
        #expect(try JSONValue(parsing: "1e3") == .number(1000))
        #expect(try JSONValue(parsing: "-0") == .number(-0.0))
    }

    @Test(arguments: [
        ("", "line 1, column 1: the text ends too early"),
        ("  \n ", "line 2, column 2: the text ends too early"),
        ("{\"a\": 1,\n \"b\": }", "line 2, column 7: a value is missing here"),
        ("{\"a\" 1}", "line 1, column 6: a colon is missing"),
        ("{a: 1}", "line 1, column 2: a name in quotes is missing"),
        ("{\"a\": 1 \"b\": 2}", "line 1, column 9: a comma or } is missing"),
        ("[1, 2", "line 1, column 6: a comma or ] is missing"),
        ("[1,]", "line 1, column 4: a value is missing here"),
        ("1 2", "line 1, column 3: more text after the end of the value"),
        ("nul", "line 1, column 1: a value is missing here"),
        ("True", "line 1, column 1: a value is missing here"),
        ("01", "line 1, column 3: a number must not begin with 0"),
        ("-", "line 1, column 2: a digit is missing"),
        ("1.", "line 1, column 3: a digit is missing"),
        ("1e+", "line 1, column 4: a digit is missing"),
        ("1e999", "line 1, column 6: the number is out of range"),
        ("\"a", "line 1, column 3: a text without closing quote"),
        ("\"a\\", "line 1, column 4: a text without closing quote"),
        ("\"\\x\"", "line 1, column 4: an unknown escape in a text"),
        ("\"a\nb\"", "line 1, column 3: a control character in a text"),
        ("\"\\u12g4\"", "line 1, column 6: four hexadecimal digits are missing after \\u"),
        ("\"\\ud800\"", "line 1, column 8: half of a surrogate pair in a text"),
        ("\"\\ud800\\u0041\"", "line 1, column 14: half of a surrogate pair in a text"),
        ("\"\\udc00\"", "line 1, column 8: half of a surrogate pair in a text"),
    ])
    func `says where and why it is malformed`(text: String, reason: String) throws {
        let error = #expect(throws: DevClusterError.self) { try JSONValue(parsing: text) }
        #expect(error?.message == "malformed JSON: \(reason)")
        #expect(error?.code == .failed)
    }

    @Test func `refuses bytes that are not UTF-8`() {
        let bytes = Data([0x22, 0xC3, 0x28, 0x22])
        #expect(throws: DevClusterError.self) { try JSONValue(parsing: bytes) }
        #expect(throws: DevClusterError.self) {
            try JSONValue(parsing: Data([0x22, 0x5C, 0x6E, 0xFF, 0x22]))
        }
    }

    @Test func `survives any truncation and any single changed byte`() throws {
        let good = Array(
            #"{"a":[1,-2.5e1,"x\u00e9\n😀",true,null],"b":{"c":18446744073709551615}}"#.utf8)
        for length in 0..<good.count {
            #expect(throws: DevClusterError.self) { try JSONValue(parsing: Data(good[..<length])) }
        }
        for index in good.indices {
            for byte in [0x00, 0x22, 0x5C, 0x7B, 0x5D, 0x2C, 0x80, 0xFF] as [UInt8] {
                var changed = good
                changed[index] = byte
                _ = try? JSONValue(parsing: Data(changed))
            }
        }
    }

    @Test func `refuses absurd nesting instead of overflowing the stack`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(512)) }
        let error = #expect(throws: DevClusterError.self) {
            try JSONValue(parsing: nested(100_000))
        }
        #expect(error?.message.contains("nested deeper than 512 levels") == true)
    }

    @Test func `accepts a slice of data that does not begin at 0`() throws {
        let data = Data("xx[1]".utf8).dropFirst(2)
        #expect(try JSONValue(parsing: data) == [1])
    }
}

@Suite struct `Writing JSON` {
    @Test func `sorts names and indents when asked to`() throws {
        let value: JSONValue = ["b": [], "a": [1, ["x": [:]]]]
        #expect(
            String(decoding: try value.encoded(pretty: true), as: UTF8.self) == """
                {
                  "a": [
                    1,
                    {
                      "x": {}
                    }
                  ],
                  "b": []
                }
                """)
    }

    @Test func `refuses numbers that JSON has not`() {
        #expect(throws: DevClusterError.self) { try JSONValue.number(.infinity).encoded() }
        #expect(throws: DevClusterError.self) { try ([.number(.nan)] as JSONValue).encoded() }
    }
}
