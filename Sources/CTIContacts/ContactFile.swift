/// Reads files of contacts: `.vcf`, `.csv` (`.tsv`, `.txt`), `.json`, `.jsonl`.
///
/// A contact that cannot be taken is left out and reported; the others are taken. Only a file that cannot be read at
/// all is an error. A file is read a window at a time, see ``ContactText``: its size does not matter.
public enum ContactFile {
    public enum Format: String, Sendable, CaseIterable {
        case vcard, csv, json
        case jsonLines = "jsonl"

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

        /// By the media type of a request, without its parameters, in lower case.
        public init?(mediaType: String) {
            switch mediaType {
            case "text/vcard", "text/x-vcard", "text/directory": self = .vcard
            case "text/csv", "text/tab-separated-values": self = .csv
            case "application/json": self = .json
            case "application/x-ndjson", "application/jsonl", "application/x-jsonlines": self = .jsonLines
            default: return nil
            }
        }
    }

    /// Gives the contacts one by one, in the order of the file.
    /// - Parameters:
    ///   - path: `-` is standard input.
    ///   - format: `nil` goes by the file's name.
    ///   - region: how national numbers are read, as `ZA`.
    ///   - columns: what the columns of a table are; the other formats name their members themselves.
    ///   - progress: how much of the file was read, 0 to 1.
    public static func read(
        path: String, format: Format? = nil, region: String, columns: ContactColumns = ContactColumns(),
        progress: @escaping (Double) -> Void = { _ in },
        into take: @escaping (ContactRecord) -> Void
    ) throws(ContactFileError) -> ImportReport {
        guard let format = format ?? Format(path: path) else {
            throw ContactFileError(.unknownFormat, "expected .vcf, .csv, .json or .jsonl")
        }
        return try read(
            FileSource(path: path, progress: progress), format: format, region: region, columns: columns, into: take)
    }

    /// As ``read(path:format:region:columns:progress:into:)``, of what is in memory already.
    public static func read(
        _ bytes: [UInt8], format: Format, region: String, columns: ContactColumns = ContactColumns(),
        into take: @escaping (ContactRecord) -> Void
    ) throws(ContactFileError) -> ImportReport {
        try read(MemorySource(bytes), format: format, region: region, columns: columns, into: take)
    }

    static func read(
        _ source: any ByteSource, format: Format, region: String, columns: ContactColumns = ContactColumns(),
        into take: @escaping (ContactRecord) -> Void
    ) throws(ContactFileError) -> ImportReport {
        let intake = ContactIntake(region: region, take: take)
        let text = ContactText(source)
        switch format {
        case .vcard:
            guard VCardReader(text, intake).read() || text.failure != nil else {
                throw ContactFileError(.malformed, "expected cards, each from BEGIN:VCARD to END:VCARD")
            }
        case .csv: try CSVReader(text, intake, columns: columns).readContacts()
        case .json: try JSONContacts(text, intake).readDocument()
        case .jsonLines: JSONContacts(text, intake).readLines()
        }
        // A disk that fails midway must not look like a shorter file.
        if let failure = text.failure { throw failure }
        if let line = text.firstNUL { intake.note(line: line, "NUL bytes, here first; they are passed over") }
        return intake.report
    }
}

/// Why a whole file could not be taken. It holds nothing of the file's content.
public struct ContactFileError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case unreadable
        case unknownFormat = "unknown-format"
        case malformed
        /// Nothing in it could be taken.
        case empty
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A file in which there was nothing to be taken; why, by its first finding.
    public static func nobody(_ report: ImportReport) -> ContactFileError {
        let why = report.findings.first.map { "; line \($0.line): \($0.reason)" } ?? ""
        return ContactFileError(.empty, "there is no contact in it that can be taken\(why)")
    }

    public var description: String { "contacts \(code.rawValue): \(message)" }
}
