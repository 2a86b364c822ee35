/// What one round brought: many notifications in one piece of memory, so that a message costs no allocation.
public struct NotificationBatch: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// At most so old is each of them; `nil` where nothing is known.
    public var ageBound: Duration?

    public init() {}

    public var count: Int { ends.count }
    public var isEmpty: Bool { ends.isEmpty }
    public var byteCount: Int { bytes.count }

    init(_ elements: [[UInt8]]) {
        for element in elements { element.withUnsafeBytes { append($0) } }
    }

    public mutating func append(_ notification: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: notification)
        ends.append(bytes.count)
    }

    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        ageBound = nil
    }

    /// In the order in which they were pushed.
    public func withEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { all in
            var start = 0
            for end in ends {
                body(UnsafeRawBufferPointer(rebasing: all[start..<end]))
                start = end
            }
        }
    }

    /// A copy of one.
    func element(_ index: Int) -> [UInt8] { Array(bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]) }

    /// Copies, in the order in which they were pushed.
    public var elements: [[UInt8]] {
        var copies: [[UInt8]] = []
        copies.reserveCapacity(count)
        withEach { copies.append(Array($0)) }
        return copies
    }
}
