import Foundation

/// Reads files of contacts: `.vcf`, `.csv` (`.tsv`, `.txt`), `.json`, `.jsonl`.
///
/// A contact that cannot be taken is left out and reported; the others are taken. Only a file that cannot be read at
/// all is an error.
public enum ContactFile {
    public enum Format: String, Sendable, CaseIterable {
        case vcard, csv, json, jsonLines

        /// By the file's extension, in either case.
        public init?(path: String) {
            switch path.split(separator: ".").last?.lowercased() {
            case "vcf", "vcard": self = .vcard
            case "csv", "tsv", "txt": self = .csv
            case "json": self = .json
            case "jsonl", "ndjson": self = .jsonLines
            default: return nil
            }
        }
    }

    /// Above this a file is not read: 1 GiB.
    static let maxBytes = 1 << 30

    /// All contacts of a file. For many of them, ``read(path:region:into:)`` takes less memory.
    public static func read(
        path: String, region: String
    ) throws(ContactFileError) -> (contacts: [ContactRecord], report: ImportReport) {
        var contacts: [ContactRecord] = []
        let report = try read(path: path, region: region) { contacts.append($0) }
        return (contacts, report)
    }

    /// Gives the contacts one by one, in the order of the file.
    /// - Parameter region: how national numbers are read, as `ZA`.
    public static func read(
        path: String, region: String, into take: @escaping (ContactRecord) -> Void
    ) throws(ContactFileError) -> ImportReport {
        guard let format = Format(path: path) else {
            throw ContactFileError(.unknownFormat, "expected .vcf, .csv, .json or .jsonl")
        }
        return try read(bytes(path), format: format, region: region, into: take)
    }

    /// As ``read(path:region:into:)``, of what is in memory already.
    public static func read(
        _ bytes: [UInt8], format: Format, region: String, into take: @escaping (ContactRecord) -> Void
    ) throws(ContactFileError) -> ImportReport {
        let intake = ContactIntake(region: region, take: take)
        let outcome = bytes.withUnsafeBufferPointer { whole in
            Result { () throws(ContactFileError) in
                let text = try withoutMark(whole)
                switch format {
                case .vcard: VCardReader(text, intake).read()
                case .csv: try CSVReader(text).readContacts(intake)
                case .json: try JSONContacts(text, intake).readDocument()
                case .jsonLines: JSONContacts(text, intake).readLines()
                }
            }
        }
        try outcome.get()
        return intake.report
    }

    private static func bytes(_ path: String) throws(ContactFileError) -> [UInt8] {
        do {
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            guard size <= maxBytes else { throw ContactFileError(.tooLarge, "more than 1 GiB") }
            return try [UInt8](Data(contentsOf: URL(filePath: path)))
        } catch let error as ContactFileError {
            throw error
        } catch {
            throw ContactFileError(.unreadable, (error as NSError).localizedDescription)
        }
    }

    /// Passes the mark that some programs put in front of UTF-8, and refuses UTF-16.
    private static func withoutMark(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(ContactFileError) -> UnsafeBufferPointer<UInt8> {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw ContactFileError(.notUTF8, "the file is UTF-16: save it as UTF-8")
        }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeBufferPointer(rebasing: bytes[3...]) : bytes
    }
}

/// Why a whole file could not be taken. It holds nothing of the file's content.
public struct ContactFileError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case unreadable
        case tooLarge = "too-large"
        case unknownFormat = "unknown-format"
        case notUTF8 = "not-utf8"
        case malformed
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "contacts \(code.rawValue): \(message)" }
}
