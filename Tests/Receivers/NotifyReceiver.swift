import Glibc
import Synchronization

/// Stands in for systemd: reads what services send to `$NOTIFY_SOCKET`, by a thread of its own.
public final class NotifyReceiver: Sendable {
    /// A path, or a name in the abstract namespace, as the environment variable has it.
    public let name: String
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    /// Each datagram, in order.
    public var datagrams: [String] { received.withLock { $0 } }
    /// Of all of them.
    public var lines: [String] { datagrams.flatMap { $0.split(separator: "\n").map(String.init) } }

    public struct Failure: Error { let code: Int32 }

    public init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard descriptor >= 0, result == 0 else { throw Failure(code: errno) }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<NotifyReceiver>.fromOpaque(context).takeRetainedValue().read()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received.withLock { $0.append(String(decoding: buffer.prefix(count), as: UTF8.self)) }
        }
    }

    public func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        if !name.hasPrefix("@") { unlink(name) }
    }
}
