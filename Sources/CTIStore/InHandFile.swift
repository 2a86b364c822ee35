public import CTICore
public import CTIPipeline
import Foundation
import Synchronization

/// The batch in hand, in a file of its own beside the event log: a killed process leaves it to the next one.
///
///     0   "ctidhand"                              64   length of each, 4 bytes, and after all of these the bytes
///     8   state: 0 empty, 1 held, 2 recorded, 3 held, with nobody busy on it
///     12  count   16  deaths   20  index   24  deaths at index
///     32  fetched at, ms       40  age bound, ms; -1 for none       48  bytes from 64 on       56  their checksum
///
/// Written by one or two calls to the system a batch, without a sync: it outlives the process, not the machine. The
/// batch is written first and the header, which fits into one page and so is written whole or not at all, last.
public final class InHandFile: InHandStore {
    fileprivate static let magic: UInt64 = 0x646E_6168_6469_7463
    private static let headerSize = 64
    /// So much is reserved on the disk, so that a full one does not matter here.
    private static let reserved = 1 << 20

    fileprivate enum State: UInt32 { case empty, held, recorded, waiting }

    fileprivate struct Header {
        var state = State.empty
        var count = 0
        var deaths = 0
        var index = 0
        var deathsAtIndex = 0
        var fetchedAt = Timestamp(milliseconds: 0)
        var ageBound: Duration?
        var length = 0
        var checksum: UInt64 = 0
    }

    private let descriptor: CInt
    private let header: Mutex<Header>

    /// Opens the file, or makes it; the folder must be there. What an earlier process left held counts as its death.
    public init(path: String) throws(EventLogError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            header = Mutex(Header())
            throw EventLogError(.unwritable, "\(path): \(String(cString: strerror(errno)))")
        }
        _ = posix_fallocate(descriptor, 0, off_t(Self.reserved))
        var found = Self.readHeader(descriptor) ?? Header()
        let isDeath = found.state == .held
        if isDeath {
            if found.index < 0 { found.deaths += 1 } else { found.deathsAtIndex += 1 }
            // Until one is taken up, a death is nobody's fault: this process may end for a reason of its own.
            found.state = .waiting
        }
        header = Mutex(found)
        if isDeath { Self.write(found, to: descriptor) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    public func hold(_ batch: NotificationBatch, at moment: Timestamp) {
        header.withLock { header in
            let bytes = batch.packed
            header = Header(
                state: .held, count: batch.count, index: -1, fetchedAt: moment, ageBound: batch.ageBound,
                length: bytes.count, checksum: Self.checksum(bytes))
            Self.write(header, bytes, to: descriptor)
        }
    }

    public func recorded() { enter(.recorded) }

    public func waitsForLog() { enter(.waiting) }

    private func enter(_ state: State) {
        header.withLock { header in
            guard header.state == .held || header.state == .waiting, header.state != state else { return }
            header.state = state
            Self.write(header, to: descriptor)
        }
    }

    public func takeUp(_ index: Int) {
        header.withLock { header in
            guard header.state == .held || header.state == .waiting else { return }
            header.state = .held
            if header.index != index { header.deathsAtIndex = 0 }
            header.index = index
            Self.write(header, to: descriptor)
        }
    }

    public func contents() -> InHand? {
        header.withLock { header in
            guard header.state != .empty, let bytes = Self.read(header.length, at: Self.headerSize, from: descriptor),
                Self.checksum(bytes) == header.checksum,
                let notifications = [[UInt8]](packed: bytes, count: header.count)
            else { return nil }
            return InHand(
                notifications: notifications, isRecorded: header.state == .recorded, fetchedAt: header.fetchedAt,
                ageBound: header.ageBound, deaths: header.deaths,
                index: min(max(0, header.index), notifications.count),
                deathsAtIndex: header.deathsAtIndex)
        }
    }

    // MARK: Bytes

    private static func write(_ header: Header, to descriptor: CInt) {
        let bytes = header.bytes
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }

    /// A small batch goes with its header, in the first page; a larger one before it.
    private static func write(_ header: Header, _ bytes: [UInt8], to descriptor: CInt) {
        if headerSize + bytes.count <= 4096 {
            let all = header.bytes + bytes
            _ = pwrite(descriptor, all, all.count, 0)
            return
        }
        var empty = header
        empty.state = .empty
        write(empty, to: descriptor)
        guard pwrite(descriptor, bytes, bytes.count, off_t(headerSize)) == bytes.count else { return }
        write(header, to: descriptor)
    }

    private static func readHeader(_ descriptor: CInt) -> Header? {
        read(headerSize, at: 0, from: descriptor).flatMap(Header.init(bytes:))
    }

    private static func read(_ count: Int, at offset: Int, from descriptor: CInt) -> [UInt8]? {
        guard count >= 0, count <= 1 << 30 else { return nil }
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            isWhole = pread(descriptor, buffer.baseAddress, count, off_t(offset)) == count
            written = isWhole ? count : 0
        }
        return isWhole ? bytes : nil
    }

    /// FNV-1a over words of eight bytes: tells a file that a lost machine left half-written.
    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        bytes.withUnsafeBytes { all in
            var offset = 0
            while offset + 8 <= all.count {
                hash = (hash ^ all.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x100_0000_01B3
                offset += 8
            }
            for byte in all[offset...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return hash
    }
}

extension InHandFile.Header {
    fileprivate var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        bytes.append(little: InHandFile.magic)
        bytes.append(little: state.rawValue)
        for number in [count, deaths, index, deathsAtIndex] { bytes.append(little: Int32(clamping: number)) }
        bytes.append(little: UInt32(0))
        bytes.append(little: fetchedAt.milliseconds)
        bytes.append(little: ageBound?.milliseconds ?? -1)
        bytes.append(little: Int64(length))
        bytes.append(little: checksum)
        return bytes
    }

    fileprivate init?(bytes: [UInt8]) {
        func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Number {
            bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
        }
        guard bytes.count == 64, number(0, UInt64.self) == InHandFile.magic,
            let state = InHandFile.State(rawValue: number(8, UInt32.self))
        else { return nil }
        self.state = state
        count = Int(number(12, Int32.self))
        deaths = Int(number(16, Int32.self))
        index = Int(number(20, Int32.self))
        deathsAtIndex = Int(number(24, Int32.self))
        fetchedAt = Timestamp(milliseconds: number(32, Int64.self))
        let bound = number(40, Int64.self)
        ageBound = bound < 0 ? nil : .milliseconds(bound)
        length = Int(number(48, Int64.self))
        checksum = number(56, UInt64.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(little number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension NotificationBatch {
    /// The lengths, 4 bytes each, and then the bytes.
    fileprivate var packed: [UInt8] {
        var packed: [UInt8] = []
        packed.reserveCapacity(byteCount + 4 * count)
        withEach { packed.append(little: UInt32($0.count)) }
        withEach { packed.append(contentsOf: $0) }
        return packed
    }
}

extension [[UInt8]] {
    fileprivate init?(packed: [UInt8], count: Int) {
        guard count >= 0, count * 4 <= packed.count else { return nil }
        self = []
        reserveCapacity(count)
        var start = count * 4
        for index in 0..<count {
            let length = packed.withUnsafeBytes {
                Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
            }
            guard start + length <= packed.count else { return nil }
            append([UInt8](packed[start..<start + length]))
            start += length
        }
    }
}
