import Testing

@testable import CTICore

@Suite struct JSONNestingTests {
    private let decoder = NotificationDecoder(limit: 4_000_000)

    private func decode(_ text: String) -> String {
        outcome { () throws(DecodeFailure) in try decoder.decode(Array(text.utf8)) }
    }

    private func nested(_ open: String, _ inner: String, _ close: String, depth: Int) -> [UInt8] {
        payload("extra", String(repeating: open, count: depth) + inner + String(repeating: close, count: depth))
    }

    @Test(arguments: [("[", "]"), (#"{"number":"#, "}"), (#"[{"ref":"#, "}]"), (#"{a:["#, "]}")])
    func `ten thousand levels are skipped`(_ open: String, _ close: String) {
        let bytes = nested(open, "1", close, depth: 10_000)
        let result = outcome { () throws(DecodeFailure) in try decoder.decode(bytes) }
        #expect(result.contains(#""caller":"0821234567""#) && result.contains(#""extension":"1007""#))
    }

    @Test func `one bracket of ten thousand wrong`() {
        let bytes = payload(
            "extra", String(repeating: "[", count: 10_000) + "}" + String(repeating: "]", count: 9_999))
        #expect(outcome { () throws(DecodeFailure) in try decoder.decode(bytes) } == "not-json")
    }

    @Test(arguments: ["[", "{", "]", #"{"a":"#])
    func `a megabyte of brackets`(_ bracket: String) {
        #expect(decode(String(repeating: bracket, count: 1_048_576 / bracket.utf8.count)) == "not-json")
    }

    @Test func `a megabyte of brackets that close`() {
        let half = 524_288
        #expect(decode(String(repeating: "[", count: half) + String(repeating: "]", count: half)) == "not-an-object")
    }

    @Test func `the stack gives back what was put`() {
        var stack = BitStack()
        #expect(stack.top == nil)
        for index in 0..<200 { stack.push(index % 3 == 0) }
        for index in (0..<200).reversed() {
            #expect(stack.top == (index % 3 == 0))
            stack.pop()
        }
        #expect(stack.top == nil)
        stack.push(false)
        #expect(stack.top == false)
    }
}
