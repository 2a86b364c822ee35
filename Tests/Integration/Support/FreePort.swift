import Glibc
import Synchronization

/// Ports for servers that are told where to listen, or come back to where they were.
enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    /// One that nobody listens on and that was given to nobody yet. It is below those that the system gives to clients, so that
    /// none of them takes it meanwhile; so is the one 10,000 above it, which a node of a cluster uses, too.
    static func any() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<22_700)
            if isFree(port), given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw Timeout(what: "a free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        return withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bind(descriptor, $0.baseAddress, socklen_t(bytes.count)) == 0 }
        }
    }
}
