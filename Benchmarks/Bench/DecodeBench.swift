import CTICore
import Foundation

/// Nanoseconds to decode one payload: ours and Foundation's `JSONDecoder` into an equivalent struct, interleaved.
///
/// Prints one JSON line. Each figure is the median of the rounds, with the fastest and the slowest beside it.
enum DecodeBench {
    /// `file` holds one payload a line; without it the payloads are `DecodePayloads`.
    static func run(file: String? = nil, count: Int = 4096, rounds: Int = 15) {
        do {
            let payloads = try file.map(DecodePayloads.read) ?? DecodePayloads.make(count: count)
            let bytes = payloads.reduce(0) { $0 + $1.count } / max(1, payloads.count)
            let result = try measure(payloads, rounds: rounds)
            print(
                #"{"bench":"decode","payloadBytes":\#(bytes),"ctid":\#(result.ours.json),"#
                    + #""JSONDecoder":\#(result.foundation.json),"#
                    + #""ratio":\#(round(result.foundation.median / result.ours.median * 100) / 100)}"#)
        } catch {
            FileHandle.standardError.write(Data("decode bench: \(error)\n".utf8))
        }
    }

    private static func measure(_ payloads: [[UInt8]], rounds: Int) throws -> (ours: Spread, foundation: Spread) {
        let decoder = NotificationDecoder()
        let rival = JSONDecoder()
        let data = payloads.map { Data($0) }
        var (ours, foundation) = (Spread(), Spread())
        for _ in 0..<max(1, rounds) {
            ours.add(
                try nanoseconds(an: payloads.count * 10) {
                    for _ in 0..<10 { for payload in payloads { keep(try decoder.decode(payload)) } }
                })
            foundation.add(
                try nanoseconds(an: payloads.count) {
                    for payload in data { keep(try rival.decode(CodableNotification.self, from: payload)) }
                })
        }
        return (ours, foundation)
    }

    private static func nanoseconds(an count: Int, _ work: () throws -> Void) rethrows -> Double {
        let duration = try ContinuousClock().measure(work)
        let (seconds, attoseconds) = duration.components
        return (Double(seconds) * 1e9 + Double(attoseconds) / 1e9) / Double(max(1, count))
    }

    /// Opaque to the optimiser, so that nothing decoded can be left out.
    @inline(never)
    private static func keep<Value>(_ value: borrowing Value) {}
}

/// Figures of several rounds.
struct Spread {
    private var figures: [Double] = []

    mutating func add(_ figure: Double) { figures.append(figure) }

    var median: Double { figures.isEmpty ? 0 : figures.sorted()[figures.count / 2] }

    var json: String {
        let values = [median, figures.min() ?? 0, figures.max() ?? 0].map { round($0 * 10) / 10 }
        return #"{"ns":\#(values[0]),"min":\#(values[1]),"max":\#(values[2])}"#
    }
}

/// The notification as one would write it for `JSONDecoder`.
private struct CodableNotification: Decodable {
    struct Payload: Decodable {
        let number: String
        let dialNumber: String?
        let holdTime: Int?
        let callRef: String
        let contactRef: String?
        let callDir: String?
        let campaignRef: String?
        let ref: String

        enum CodingKeys: String, CodingKey {
            case number, ref
            case dialNumber = "dial_number"
            case holdTime = "hold_time"
            case callRef = "call_ref"
            case contactRef = "contact_ref"
            case callDir = "call_dir"
            case campaignRef = "campaign_ref"
        }
    }

    let type: String
    let payload: Payload
}
