import NIOCore
import NIOPosix

/// The threads that serve HTTP.
public enum HTTPThreads {
    /// Comes back once each of them has had a turn: never, where one is stuck.
    public static func turn() async {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            // Only a loop that has ended throws, and that one holds up nobody.
            try? await loop.submit {}.get()
        }
    }
}
