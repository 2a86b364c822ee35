import Foundation
import Glibc
import Synchronization

/// A SIP telephone on a UDP port that is always busy: it keeps the INVITE as it came, and answers 100, 180, 486.
final class BusyTelephone: Sendable {
    let port: Int
    private let descriptor: Int32
    private let received = Mutex<[UInt8]?>(nil)

    /// The bytes of the first INVITE.
    var invite: [UInt8]? { received.withLock { $0 } }

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw Timeout(what: "a free port") }
        port = Int(UInt16(bigEndian: address.sin_port))
        // So that the thread sees its end: a shutdown wakes nobody on a socket without a peer.
        var limit = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        Thread.detachNewThread { [weak self] in Self.serve(descriptor) { self } }
    }

    private static func serve(_ descriptor: Int32, _ telephone: () -> BusyTelephone?) {
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while telephone() != nil {
            var sender = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &size)
                }
            }
            guard count > 0, let telephone = telephone() else { continue }
            let message = Array(buffer[..<count])
            guard message.starts(with: Array("INVITE ".utf8)) else { continue }
            telephone.received.withLock { $0 = $0 ?? message }
            for status in ["100 Trying", "180 Ringing", "486 Busy Here"] {
                telephone.answer(status, to: message, sender, size)
            }
        }
    }

    private func answer(_ status: String, to invite: [UInt8], _ sender: sockaddr_in, _ size: socklen_t) {
        let head = String(decoding: invite, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
        let copied = head.components(separatedBy: "\r\n").filter { line in
            ["via:", "from:", "call-id:", "cseq:"].contains { line.lowercased().hasPrefix($0) }
        }
        let to = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("to:") } ?? ""
        let lines = ["SIP/2.0 \(status)"] + copied + ["\(to);tag=busy", "Content-Length: 0", "", ""]
        let text = Array(lines.joined(separator: "\r\n").utf8)
        var sender = sender
        _ = withUnsafePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, 0, $0, size)
            }
        }
    }
}
