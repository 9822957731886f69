import Foundation
import Testing

@testable import StateFiles
@testable import Vocabulary

struct BoundedIntegerTests {
    private static let most = BoundedInteger.range.upperBound
    private static let least = BoundedInteger.range.lowerBound

    private func decoded(_ text: String) throws -> BoundedInteger {
        try JSONDecoder().decode([BoundedInteger].self, from: Data("[\(text)]".utf8))[0]
    }

    @Test(arguments: [
        ("0", 0), ("-7", -7), ("1347.0", 1347), ("9223372036854775807", most),
        ("-9223372036854775808", least), ("18446744073709551615", most),
        ("123456789012345678901234567890", most), ("1e300", most), ("-1e300", least),
    ]) func `any whole number of JSON is read, up to the bounds`(text: String, value: Int) throws {
        #expect(try decoded(text).value == value)
    }

    @Test(arguments: ["1.5", "\"7\"", "true", "null", "{}"])
    func `what is no whole number is none`(text: String) {
        #expect(throws: DecodingError.self) { try decoded(text) }
    }

    @Test(arguments: [
        ("12", 12), ("-12", -12), ("+3", 3), ("99999999999999999999", most),
        ("-99999999999999999999", least), ("-9223372036854775808", least),
    ]) func `digits are read, however many there are`(text: String, value: Int) {
        #expect(BoundedInteger(text)?.value == value)
    }

    @Test(arguments: ["", "-", "+", "1 2", "0x1", "1e3", "٣", "--1"])
    func `text that is no number is none`(text: String) {
        #expect(BoundedInteger(text) == nil)
    }

    @Test func `no result leaves the range`() {
        let most = BoundedInteger(Int.max)
        let least = BoundedInteger(Int.min)
        #expect(most.adding(most) == most)
        #expect(least.subtracting(most) == least)
        #expect(most.multiplied(by: most) == most)
        #expect(most.multiplied(by: least) == least)
        #expect(least.multiplied(by: least) == most)
        #expect(Array(repeating: most, count: 5000).sum() == most)
        #expect(BoundedInteger(7).adding(5).subtracting(2).multiplied(by: 3) == 30)
    }

    @Test(arguments: [
        (Double.infinity, most), (-Double.infinity, least), (Double.nan, 0), (1e300, most),
        (-2.7, -2),
    ]) func `a number with a fraction loses it`(number: Double, value: Int) {
        #expect(BoundedInteger(number).value == value)
    }

    @Test func `it is written as it was read`() throws {
        let text = try JSONEncoder().encode([BoundedInteger(-5)])
        #expect(String(decoding: text, as: UTF8.self) == "[-5]")
    }

    @Test func `the largest can be shown as bytes, a count and a time`() {
        let most = BoundedInteger(Int.max)
        #expect(byteCount(most) == "9007 TB")
        #expect(byteCount(BoundedInteger(Int.min)) == "-9007 TB")
        #expect(counted(most, "object") == "9007199254740992 objects")
        #expect(HumanDuration(most.seconds).description.hasSuffix("s"))
    }

    @Test(arguments: [
        Duration.seconds(Int64.max), .seconds(Int64.min), .seconds(1 << 60), .milliseconds(-1),
    ]) func `any duration can be written`(duration: Duration) {
        #expect(!HumanDuration(duration).description.isEmpty)
    }

    @Test(arguments: [
        "+99999-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "999999999-01-01T00:00:00Z", "",
        "2026-01-02", String(repeating: "9", count: 1_000_000),
    ]) func `a time that cannot be counted with is none`(text: String) {
        #expect(Date(timestamp: text) == nil)
    }
}
