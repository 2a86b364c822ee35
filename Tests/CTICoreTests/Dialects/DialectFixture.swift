import CTICore
import Foundation
import Testing

/// A vendor's object, `<name>.in.json`, and the line that `ctid convert --to ctid` makes of it, `<name>.ctid.json`.
struct DialectFixture: Sendable, CustomTestStringConvertible {
    let dialect: Dialect
    let folder: String
    let name: String
    let vendor: [UInt8]
    let line: String

    var testDescription: String { "\(folder)/\(name)" }

    static let all = Dialect.vendors.flatMap(of)
    static let teleforge = of(.teleforge)
    /// Teleforge's INVITEs, as objects of headers and as messages: read in its dialect, and written in none.
    static let invites =
        names(in: "sip", ending: ".in.json").map { DialectFixture(.teleforge, folder: "sip", name: $0) }
        + names(in: "sip", ending: ".in.sip").map {
            DialectFixture(.teleforge, folder: "sip", name: $0, ending: ".in.sip")
        }

    static func of(_ dialect: Dialect) -> [DialectFixture] {
        names(in: dialect.rawValue, ending: ".in.json").map {
            DialectFixture(dialect, folder: dialect.rawValue, name: $0)
        }
    }

    private init(_ dialect: Dialect, folder: String, name: String, ending: String = ".in.json") {
        self.dialect = dialect
        self.folder = folder
        self.name = name
        vendor = Self.contents("\(folder)/\(name)\(ending)")
        line = Self.lines("\(folder)/\(name).ctid.json")
    }

    /// What it becomes in another dialect; empty where that one has no words for it.
    func converted(to other: Dialect) -> String {
        Self.lines("convert/\(folder)-\(name).\(other.rawValue).json")
    }

    static func one(_ dialect: Dialect, _ name: String) throws -> DialectFixture {
        guard let fixture = of(dialect).first(where: { $0.name == name }) else { throw NoSuchFixture(name: name) }
        return fixture
    }

    struct NoSuchFixture: Error { let name: String }
}

extension DialectFixture {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let fixtures = root.appendingPathComponent("Tests/CTICoreTests/Fixtures")

    static func names(in subfolder: String, ending: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(fixtures.path)/\(subfolder)")) ?? []
        return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
    }

    static func contents(_ file: String) -> [UInt8] {
        (try? Data(contentsOf: fixtures.appendingPathComponent(file))).map { Array($0) } ?? []
    }

    /// Of the one line that there is; empty where the file is not there.
    static func lines(_ file: String) -> String {
        String(decoding: contents(file), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Without the line end of a file.
    static func trimmed(_ text: [UInt8]) -> [UInt8] { Array(text.prefix { $0 != UInt8(ascii: "\n") }) }

    static func page(_ file: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
    }
}

extension Dialect {
    static let vendors = allCases.filter { $0 != .ctid }

    /// Whether it has words for every event of this kind.
    func speaks(of event: CallEventKind) -> Bool {
        switch self {
        case .ctid, .kunzite, .enreach: true
        case .xcally: event != .calling
        case .teleforge: event == .up || event.isEnd
        }
    }
}

/// JSON held by what it says: neither the order of members nor white space counts.
enum JSONValue: Equatable, Decodable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(_ bytes: [UInt8]) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    /// Paths of members that are not the same in both. Members of `whole` are not looked into.
    func differences(from other: JSONValue, whole: Set<String> = [], path: String = "") -> Set<String> {
        guard self != other else { return [] }
        guard case .object(let mine) = self, case .object(let others) = other, !whole.contains(path) else {
            return [path]
        }
        return Set(mine.keys).union(others.keys).reduce(into: []) { found, key in
            let member = path.isEmpty ? key : "\(path).\(key)"
            guard let left = mine[key], let right = others[key] else {
                found.insert(member)
                return
            }
            found.formUnion(left.differences(from: right, whole: whole, path: member))
        }
    }
}
