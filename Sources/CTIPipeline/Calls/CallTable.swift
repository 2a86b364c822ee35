import CTICore

/// Calls by their fingerprint: open addressing over records that lie in the order in which the calls came.
///
///     tags      . . t . t . . t .      a byte each: a call that is new, the usual case, is known by these alone
///     numbers   . . 3 . 1 . . 2 .      which record; at most half of the places are taken
///     records   1 2 3 …                in pieces, so that growing moves none of them
///
/// A dictionary would keep key and state together in its slots: a new call, which is the usual one, would then touch
/// memory all over, and growing would move everything.
struct CallTable: Sendable {
    struct Record: Sendable {
        fileprivate let fingerprint: CallFingerprint
        /// Kept until the call is over for good, since an end may have to be made up; empty then.
        var ref: String
        var state: CallState
    }

    private static let pieceSize = 1024
    private var pieces: [[Record]] = []
    /// Of each place a few bits of the fingerprint; 0 where it is free. A power of two of them.
    private var tags = [UInt8](repeating: 0, count: 64)
    private var numbers = [UInt32](repeating: 0, count: 64)
    private(set) var count = 0

    subscript(index: Int) -> Record {
        get { pieces[index / Self.pieceSize][index % Self.pieceSize] }
        set { pieces[index / Self.pieceSize][index % Self.pieceSize] = newValue }
    }

    func index(of fingerprint: CallFingerprint) -> Int? {
        let (mask, tag) = (tags.count - 1, Self.tag(fingerprint))
        var place = Int(truncatingIfNeeded: fingerprint.first) & mask
        while tags[place] != 0 {
            let index = Int(numbers[place])
            if tags[place] == tag, self[index].fingerprint == fingerprint { return index }
            place = (place + 1) & mask
        }
        return nil
    }

    private static func tag(_ fingerprint: CallFingerprint) -> UInt8 {
        UInt8(truncatingIfNeeded: fingerprint.second) | 1
    }

    /// A call that is not there yet.
    mutating func insert(_ fingerprint: CallFingerprint, _ ref: CallRef, _ state: consuming CallState) {
        let isOver = state.isOverForGood
        append(Record(fingerprint: fingerprint, ref: isOver ? "" : ref.rawValue, state: state))
    }

    /// What becomes of one that is there, in place.
    mutating func change<Result>(_ index: Int, _ body: (inout Record) -> Result) -> Result {
        body(&pieces[index / Self.pieceSize][index % Self.pieceSize])
    }

    func visit(_ body: (Record) -> Void) {
        for piece in pieces { for record in piece { body(record) } }
    }

    /// Only those for which `isKept` says so stay.
    mutating func filter(_ isKept: (Record) -> Bool) {
        let former = pieces
        self = CallTable()
        for piece in former {
            for record in piece where isKept(record) { append(record) }
        }
    }

    private mutating func append(_ record: consuming Record) {
        if count * 2 >= tags.count { grow() }
        if count % Self.pieceSize == 0 {
            var piece: [Record] = []
            piece.reserveCapacity(Self.pieceSize)
            pieces.append(piece)
        }
        place(record.fingerprint, count)
        pieces[pieces.count - 1].append(record)
        count += 1
    }

    private mutating func place(_ fingerprint: CallFingerprint, _ index: Int) {
        let mask = tags.count - 1
        var place = Int(truncatingIfNeeded: fingerprint.first) & mask
        while tags[place] != 0 { place = (place + 1) & mask }
        tags[place] = Self.tag(fingerprint)
        numbers[place] = UInt32(index)
    }

    private mutating func grow() {
        tags = [UInt8](repeating: 0, count: tags.count * 2)
        numbers = [UInt32](repeating: 0, count: tags.count)
        var index = 0
        for piece in pieces {
            for record in piece {
                place(record.fingerprint, index)
                index += 1
            }
        }
    }
}
