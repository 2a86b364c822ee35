import CTIContacts
import CTICore
import Foundation

/// A directory of contacts: how long a file takes to be read and indexed, in how much memory, and what a look-up costs.
struct ContactBench {
    let path: String

    /// Contacts as a CRM would export them: two numbers each, a name, an id, a reference, a town.
    static func write(_ path: String, count: Int) throws {
        guard let format = ContactFile.Format(path: path) else { throw Unusable() }
        var text = format == .csv ? "id,name,phone,mobile,reference,city\n" : format == .json ? "[\n" : ""
        for index in 0..<count {
            let (phone, mobile) = (landline(index), "+2782\(1_000_000 + index)")
            switch format {
            case .vcard:
                text +=
                    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\(index)\r\nN:Doe;Person \(index);;;\r\nFN:Person \(index) Doe\r\n"
                text += "TEL;TYPE=WORK,VOICE:\(phone)\r\nitem1.TEL;TYPE=CELL:\(mobile)\r\nitem1.X-ABLabel:Mobile\r\n"
                text += "X-REFERENCE:A-\(index)\r\nADR;TYPE=HOME:;;1 Long Street;Durban;;4001;\r\nEND:VCARD\r\n"
            case .csv: text += "c\(index),\"Doe, Person \(index)\",\(phone),\(mobile),A-\(index),Durban\n"
            case .json, .jsonLines:
                text += #"{"id":"c\#(index)","type":"contact","name":"Person \#(index) Doe","phones":["\#(phone)","#
                text += #""\#(mobile)"],"references":["A-\#(index)"],"avatar":null,"fields":{"city":"Durban"}}"#
                text += format == .json && index < count - 1 ? ",\n" : "\n"
            }
        }
        if format == .json { text += "]\n" }
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    func run() throws -> String {
        let before = Self.peak()
        let start = ContinuousClock.now
        let builder = ContactIndexBuilder(region: "ZA")
        _ = try ContactFile.read(path: path, region: "ZA") { _ = builder.append($0) }
        let index = builder.finish()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let megabytes = Double(Self.peak() - before) / 1024
        let format = path.split(separator: ".").last ?? ""
        return #"{"format":"\#(format)","contacts":\#(index.count),"seconds":\#(seconds),"megabytes":\#(megabytes),"#
            + #""lookupNanoseconds":\#(Self.lookup(in: index))}"#
    }

    /// The median of batches of a hundred, of callers who are known, in no order.
    private static func lookup(in index: ContactIndex) -> Double {
        let callers = (0..<100_000).map { "0821\(String($0 &* 7919 % 250_000 + 1_000_000).suffix(6))" }
        let numbers = callers.indices.map { "+2782\(1_000_000 + $0 &* 7919 % 250_000)" }
        var (times, found): ([Double], Int) = ([], 0)
        for first in stride(from: 0, to: callers.count, by: 100) {
            let start = ContinuousClock.now
            for at in first..<first + 100 {
                found += index.matches(reference: nil, caller: callers[at], callerE164: numbers[at]).count
            }
            times.append((ContinuousClock.now - start) / .nanoseconds(100))
        }
        guard found > 0 else { return .infinity }
        return times.sorted()[times.count / 2]
    }

    private static func landline(_ index: Int) -> String {
        let digits = String(7_000_000 + index)
        return "(011) \(digits.prefix(3))-\(digits.suffix(4))"
    }

    /// Kilobytes that the process has held at most.
    private static func peak() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    private struct Unusable: Error, CustomStringConvertible {
        var description: String { "expected a file .vcf, .csv, .json or .jsonl" }
    }
}
