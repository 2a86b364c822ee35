import CTICore

/// One open stream of a session or a board. While it is sent what it missed, what happens meanwhile is held back, so
/// that positions on a stream only ever rise.
struct OpenStream {
    let outlet: any FrameOutlet
    /// Of the data of `call` frames.
    let dialect: Dialect
    private var held: [Frame]? = []

    init(outlet: any FrameOutlet, dialect: Dialect = .ctid) {
        self.outlet = outlet
        self.dialect = dialect
    }

    mutating func send(_ frames: [Frame]) {
        if held != nil { held?.append(contentsOf: frames) } else { outlet.send(frames) }
    }

    /// The past has been sent: from now on everything goes out at once.
    mutating func goLive() {
        if let held, !held.isEmpty { outlet.send(held) }
        held = nil
    }
}
