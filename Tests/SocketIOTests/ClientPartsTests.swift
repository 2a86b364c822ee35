import NIOHTTP1
import Testing

@testable import SocketIO

struct ClientPartsTests {
    @Test(arguments: [
        ("https://xcally.example:8888", "https://xcally.example:8888/socket.io/?a=1", "xcally.example:8888"),
        ("http://Host", "http://host/socket.io/?a=1", "host:80"),
        ("http://h/shuttle/ws?x=y", "http://h/shuttle/ws/?x=y&a=1", "h:80"),
        ("https://[::1]:443/", "https://[::1]/socket.io/?a=1", "[::1]:443"),
    ]) func anAddressIsWhereTheServerAnswers(url: String, asked: String, label: String) throws {
        let address = try #require(SocketIOAddress(url))
        #expect(address.url([(name: "a", value: "1")]) == asked)
        #expect(address.label == label)
    }

    @Test(arguments: ["", "ftp://x", "x:1", "http://"]) func whatIsNoneIsNone(url: String) {
        #expect(SocketIOAddress(url) == nil)
    }

    @Test func theTokenIsInTheQueryOfRevisionThreeAlone() throws {
        let address = try #require(SocketIOAddress("http://h"))
        let three = ClientRequests(address, .three, token: "a&b= ü")
        #expect(address.target(three.items(.polling)).hasSuffix("EIO=3&transport=polling&token=a%26b%3D%20%C3%BC"))
        let four = ClientRequests(address, .four, token: "secret")
        #expect(!address.target(four.items(.websocket)).contains("secret"))
        #expect(four.headers["Authorization"] == ["Bearer secret"])
    }

    @Test func pausesGrowAndAreShortAgainAfterAConnectionThatLasted() {
        var pause = ReconnectPause()
        for seconds in [0.5, 1, 2, 4, 8, 16, 30, 30] {
            let next = pause.pause(after: .zero, chance: 1)
            #expect(next == .seconds(seconds))
        }
        let short = pause.pause(after: .seconds(4), chance: 0)
        #expect(short == .seconds(15))
        let lasted = pause.pause(after: .seconds(5), chance: 0)
        #expect(lasted == .milliseconds(250))
    }

    @Test func aTroubleIsSaidOnceAndAgainAfterFiveMinutes() {
        let now = ContinuousClock.now
        var report = TroubleReport()
        let (one, other) = (ClientTrouble(.refused, "a"), ClientTrouble(.refused, "b"))
        var said: [Bool] = [report.isOver()]
        for (trouble, second) in [(one, 0), (other, 1), (one, 299), (other, 300), (one, 300)] {
            said.append(report.isWorthSaying(trouble, at: now + .seconds(second)))
        }
        said += [report.isOver(), report.isOver()]
        #expect(said == [false, true, true, false, false, true, true, false])
    }

    @Test func anEventOfRevisionThreeIsWrittenInASCII() {
        let event = ClientEvent("E", Array(#"{"a":"é😀"}"#.utf8), key: "1")
        let three = event.packet(.init(revision: .three, namespace: "/cti"), id: 7)
        #expect(three == .message(Array(#"2/cti,7["E",{"a":"\u00e9\ud83d\ude00"}]"#.utf8)))
        let four = event.packet(.init(), id: 7)
        #expect(four == .message(Array(#"27["E",{"a":"é😀"}]"#.utf8)))
    }
}
