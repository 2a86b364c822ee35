import Foundation

/// A Unix datagram socket by its path, or, with a leading `@`, by its name in the abstract namespace.
struct NotifyAddress: Sendable {
    private let address: sockaddr_un
    private let length: socklen_t

    /// `nil` for anything else, and for what is too long for the kernel.
    init?(_ text: String) {
        var path = Array(text.utf8)
        guard let first = path.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"), path.count > 1 else {
            return nil
        }
        let isAbstract = first == UInt8(ascii: "@")
        if isAbstract { path[0] = 0 }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A path ends with a zero, a name in the abstract namespace with its length.
        let room = MemoryLayout.size(ofValue: address.sun_path) - (isAbstract ? 0 : 1)
        guard path.count <= room else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        self.address = address
        let head = MemoryLayout.size(ofValue: address) - MemoryLayout.size(ofValue: address.sun_path)
        length = socklen_t(head + path.count + (isAbstract ? 0 : 1))
    }

    /// Sends one datagram, and waits two seconds at most where nobody reads them: it may hold a thread of the pool.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A timeval: seconds and microseconds. (With the static library the type itself is out of reach.)
        let patience = [2, 0]
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, patience, socklen_t(2 * MemoryLayout<Int>.size))
        return withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length) == bytes.count
            }
        }
    }
}
