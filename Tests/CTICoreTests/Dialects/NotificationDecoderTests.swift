import Foundation
import Testing

@testable import CTICore

@Suite struct NotificationDecoderTests {
    @Test func `fixtures are there`() {
        #expect(DecodeFixture.all.count > 100)
        let expected = Set(DecodeFixture.all.map(\.expected))
        for code in DecodeFailure.Code.allCases where code != .tooLarge { #expect(expected.contains(code.rawValue)) }
    }

    @Test(arguments: DecodeFixture.all)
    func `a payload gives its event, or its error`(_ fixture: DecodeFixture) {
        #expect(
            outcome { () throws(DecodeFailure) in try NotificationDecoder().decode(fixture.payload) }
                == fixture.expected)
    }

    @Test(arguments: DecodeFixture.all)
    func `the way for any text gives the same as the hot path`(_ fixture: DecodeFixture) {
        fixture.payload.withUnsafeBytes { bytes in
            let general = outcome { () throws(DecodeFailure) in try NotificationDecoder().decodeAnyText(bytes) }
            #expect(general == fixture.expected)
        }
    }

    @Test func `the hot path takes what a PBX sends all day, and declines the rest`() {
        let names = ["v3-compact", "v3-spaced", "payload-first", "pre-v3", "numbers-as-numbers", "hold-time-null"]
        for fixture in DecodeFixture.all where names.contains(fixture.name) {
            #expect(isHot(fixture.payload), "\(fixture.name)")
        }
        for fixture in DecodeFixture.all where ["not-json", "not-utf8", "not-an-object"].contains(fixture.expected) {
            #expect(!isHot(fixture.payload), "\(fixture.name)")
        }
    }

    private func isHot(_ payload: [UInt8]) -> Bool {
        payload.withUnsafeBytes { bytes in
            var fields = NotificationFields()
            return NotificationHotPath(bytes)?.scan(into: &fields) ?? false
        }
    }

    @Test(arguments: ["vendor-v3-relaxed", "vendor-pre-v3-relaxed"])
    func `strict refuses the vendor's notation`(_ name: String) throws {
        let fixture = try #require(DecodeFixture.all.first { $0.name == name })
        let strict = NotificationDecoder(strict: true)
        #expect(outcome { () throws(DecodeFailure) in try strict.decode(fixture.payload) } == "not-json")
    }

    @Test(arguments: [
        #"{type:"call","payload":{}}"#, #"{"type":"call" "payload":{}}"#, #"{"type":"call""payload":{}}"#,
        #"{$_1:1,"type":"call","payload":{}}"#,
    ])
    func `each of the two relaxations alone`(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(outcome { () throws(DecodeFailure) in try NotificationDecoder().decode(bytes) } == "missing-field")
        #expect(
            outcome { () throws(DecodeFailure) in try NotificationDecoder(strict: true).decode(bytes) } == "not-json")
    }

    @Test(arguments: [
        #"{1a:1}"#, #"{a-b:1}"#, #"{a:1,,b:2}"#, #"{,a:1}"#, #"{a 1}"#, #"{é:1}"#, #"{a:b}"#, #"{a:1 2}"#,
    ])
    func `nothing else is relaxed`(_ text: String) {
        #expect(
            outcome { () throws(DecodeFailure) in try NotificationDecoder().decode(Array(text.utf8)) } == "not-json")
    }

    @Test func `the limit is in bytes, and is the first thing looked at`() {
        let bytes = payload()
        let fits = NotificationDecoder(limit: bytes.count)
        let tight = NotificationDecoder(limit: bytes.count - 1)
        #expect(outcome { () throws(DecodeFailure) in try fits.decode(bytes) }.hasPrefix("{"))
        #expect(outcome { () throws(DecodeFailure) in try tight.decode(bytes) } == "too-large")
        let nonsense = [UInt8](repeating: 0xFF, count: 65_537)
        #expect(outcome { () throws(DecodeFailure) in try NotificationDecoder().decode(nonsense) } == "too-large")
    }

    @Test func `no text of the payload is in a message`() {
        for fixture in DecodeFixture.all {
            do throws(DecodeFailure) {
                _ = try NotificationDecoder().decode(fixture.payload)
            } catch {
                #expect(!error.description.contains("0821234567") && !error.description.contains("A-17"))
            }
        }
    }

    @Test func `every length that a word can be cut at is read right`() throws {
        for length in 1...70 {
            let text = String(repeating: "x", count: length)
            let bytes = payload("ref", "\"\(text)\"")
            #expect(try NotificationDecoder().decode(bytes).extension.rawValue == text)
        }
    }

    @Test func `a payload cut anywhere is not JSON`() {
        let bytes = payload()
        for count in 0..<bytes.count {
            let cut = Array(bytes.prefix(count))
            #expect(outcome { () throws(DecodeFailure) in try NotificationDecoder().decode(cut) } == "not-json")
        }
    }
}
