import Foundation
import Glibc

extension Process {
    /// `run()`, with no signal blocked in the child.
    ///
    /// The threads that run async code block most signals, a child inherits that, and then SIGTERM never reaches it:
    /// `terminate()` would do nothing, and a test of a graceful stop would wait for ever.
    func runWithSignals() throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}
