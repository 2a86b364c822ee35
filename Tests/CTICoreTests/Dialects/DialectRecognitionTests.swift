import CTICore
import Testing

struct DialectRecognitionTests {
    @Test(arguments: [
        (#"{"type":"call","payload":{}}"#, Dialect.teleforge), (#"{"type":"cdr"}"#, .teleforge),
        (#"{"type":"phone:ringing","data":{}}"#, .kunzite), (#"{"eventId":"call-incoming"}"#, .enreach),
        (#"{"event":"up","uniqueid":"1"}"#, .xcally), (#"{"type":"App","channel":{"uniqueid":"1"}}"#, .xcally),
        (#"{"type":"App","channel":{}}"#, .ctid), (#"{"type":"App","channel":7}"#, .ctid),
        (#"{"event":"up","call":{"uniqueid":"1"}}"#, .ctid), (#"{"type":7}"#, .ctid), ("{}", .ctid),
    ])
    func whoeverDoesNotSayIsRecognised(text: String, dialect: Dialect) throws {
        #expect(Dialect.recognised(in: try JSONObject(Array(text.utf8))) == dialect)
    }

    /// After what the vendor's WebRTC client gives.
    @Test func headersOfAnINVITEAreTeleforges() throws {
        let text = #"{"X-Platforma-Call-Ref":"c1","X-Platforma-Number":"0821234567"}"#
        #expect(Dialect.recognised(in: try JSONObject(Array(text.utf8))) == .teleforge)
    }
}
