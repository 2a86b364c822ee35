import Foundation
import Testing

@testable import CTIContacts

/// Files that are made, or broken, to do harm: the memory stays small, the report says what happened, and nothing is lost
/// of what is good.
@Suite(.serialized)
struct HostileFileTests {
    /// Of the endless line: 48 MiB, or what `CTID_HOSTILE_MIB` says. A build for debugging takes a minute for a gibibyte.
    private static let lineLength =
        (ProcessInfo.processInfo.environment["CTID_HOSTILE_MIB"].flatMap { Int($0) } ?? 48) << 20

    /// One line, larger than the memory that may be taken, between two good contacts.
    @Test(arguments: ContactFile.Format.allCases.filter { $0 != .json })
    func endlessLine(format: ContactFile.Format) throws {
        let source = GeneratedSource(
            Self.opening[format, default: ""], filler: UInt8(ascii: "9"), count: Self.lineLength,
            Self.closing[format, default: ""])
        let before = GeneratedSource.memory()
        let (contacts, report) = try ContactReading.read(source, format)
        #expect(GeneratedSource.memory() - before < 32 << 10, "KiB")
        #expect(contacts.flatMap(\.phones) == ["0821234567", "0829999999"])
        #expect(report.findings.count == 1)
        #expect(report.findings.first?.line == (format == .vcard ? 4 : 2 + (format == .csv ? 1 : 0)))
    }

    private static let opening: [ContactFile.Format: String] = [
        .vcard: "BEGIN:VCARD\nTEL:0821234567\nEND:VCARD\nBEGIN:VCARD\nTEL:",
        .csv: "name,phone\nA,0821234567\nB,", .jsonLines: "{\"phone\":\"0821234567\"}\n{\"phone\":\"",
    ]
    private static let closing: [ContactFile.Format: String] = [
        .vcard: "\nEND:VCARD\nBEGIN:VCARD\nTEL:0829999999\nEND:VCARD\n",
        .csv: "\nC,0829999999\n", .jsonLines: "\"}\n{\"phone\":\"0829999999\"}\n",
    ]

    /// Byte by byte, so with less of it: no more is kept than the first mebibyte.
    @Test(arguments: ["[", "9", "{\"a\":"])
    func jsonBomb(filler: String) throws {
        let source = GeneratedSource(
            "[{\"phone\":\"0821234567\"},\n{\"id\":", fillers: Array(filler.utf8), count: 3 << 19,
            filler == "9" ? "},{\"phone\":\"0829999999\"}]" : "\n{\"phone\":\"0829999999\"}]")
        let before = GeneratedSource.memory()
        let (contacts, report) = try ContactReading.read(source, .json)
        #expect(GeneratedSource.memory() - before < 32 << 10, "KiB")
        #expect(contacts.flatMap(\.phones) == ["0821234567", "0829999999"])
        #expect(report.findings.map(\.line) == [2])
    }

    @Test func bombOfQuotes() throws {
        let quotes = String(repeating: "\"", count: 20_001)
        let nested = String(repeating: "\"a,\"\"\n", count: 5000)
        for bomb in [quotes, nested, String(repeating: "\"\"\"\n", count: 5001)] {
            let text = "name,phone\nA,0821234567\n\(bomb)\nC,0829999999\n"
            let (contacts, report) = try ContactReading.read(Array(text.utf8), .csv)
            #expect(contacts.first?.phones == ["0821234567"])
            #expect(contacts.last?.phones == ["0829999999"], "\(bomb.prefix(8))")
            #expect(report.skipped > 0)
        }
    }

    /// Each costs the one contact that it is in.
    @Test(arguments: [
        #"{"id":"x","phones":["1"}"#, #"{"id":"x","phone":"1"#, #"{"id":"x","phones":[}"#, #"{"id":"x" "phone":"1"}"#,
        #"{"id":"x","phone":"1""#, "}", #"{"id":"x","phones":[[[[["#,
    ])
    func jsonMistakes(broken: String) throws {
        let text = "[{\"phone\":\"0821234567\"},\n\(broken),\n{\"phone\":\"0829999999\"}]"
        let (contacts, report) = try ContactReading.read(Array(text.utf8), .json)
        #expect(contacts.first?.phones == ["0821234567"])
        if broken != #"{"id":"x","phones":[[[[["# { #expect(contacts.last?.phones == ["0829999999"]) }
        #expect(report.findings.first?.line == 2)
    }

    @Test(arguments: ContactFile.Format.allCases)
    func nul(format: ContactFile.Format) throws {
        let texts: [ContactFile.Format: String] = [
            .vcard: "BEGIN:VCARD\nFN:A\0da\nTEL:082123\0004567\nEND:VCARD\n", .csv: "name,phone\nA\0da,0821234567\n",
            .json: "[\n{\"name\":\"A\0da\",\"phone\":\"0821234567\"}]",
            .jsonLines: "\n{\"name\":\"A\0da\",\"phone\":\"0821234567\"}",
        ]
        let text = texts[format, default: ""].replacing("\u{0}004", with: "\u{0}4")
        let (contacts, report) = try ContactReading.read(Array(text.utf8), format)
        #expect(contacts.map(\.name) == ["Ada"])
        #expect(report.findings.map(\.line) == [2])
        #expect(report.findings.first?.reason.contains("NUL") == true)
    }

    @Test func mixedCharsets() throws {
        var bytes = Array("name,phone\nJ".utf8)
        bytes += [0xF6] + Array("rg,1001\nJörg,1002\n".utf8) + [0x80] + Array(",1003\n".utf8)
        #expect(try ContactReading.read(bytes, .csv).contacts.map(\.name) == ["Jörg", "Jörg", "€"])
    }

    @Test func diskThatFailsIsNoShorterFile() throws {
        let source = GeneratedSource("name,phone\nA,1001\n", filler: 0x0A, count: 10, "", fails: true)
        #expect(throws: ContactFileError.self) { try ContactReading.read(source, .csv) }
    }
}

/// A beginning, so many bytes of filler, an end: larger than any memory, at no cost.
final class GeneratedSource: ByteSource {
    private var parts: [[UInt8]]
    private var fillers: [UInt8]
    private var rest: Int
    private let fails: Bool

    init(_ opening: String, fillers: [UInt8], count: Int, _ closing: String, fails: Bool = false) {
        parts = [Array(opening.utf8), Array(closing.utf8)]
        self.fillers = (0..<max(1, (1 << 16) / fillers.count)).flatMap { _ in fillers }
        rest = count
        self.fails = fails
    }

    convenience init(_ opening: String, filler: UInt8, count: Int, _ closing: String, fails: Bool = false) {
        self.init(opening, fillers: [filler], count: count, closing, fails: fails)
    }

    func read(upTo count: Int) throws(ContactFileError) -> [UInt8] {
        if parts.count == 2 { return parts.removeFirst() }
        if rest > 0 {
            let piece = min(rest, fillers.count)
            rest -= piece
            return piece == fillers.count ? fillers : Array(fillers.prefix(piece))
        }
        if fails { throw ContactFileError(.unreadable, "the disk failed") }
        return parts.popLast() ?? []
    }

    /// KiB that this process holds.
    static func memory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}
