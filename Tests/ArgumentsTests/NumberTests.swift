import Testing

@testable import Arguments

struct NumberTests {
    @Test(arguments: ["0", "-1", "20", "999999999", "-999999999"])
    func `a number of at most nine digits is read`(text: String) throws {
        #expect(try "\(Int(argument: text))" == text)
    }

    @Test(arguments: [
        "-9223372036854775808", "9223372036854775807", "1000000000", "99999999999999999999", "",
        "1.5", "x",
    ]) func `any other is refused, so that nothing can overflow`(text: String) {
        #expect(throws: InvalidValue.self) { try Int(argument: text) }
    }
}
