import SocketIO

/// The metrics of Socket.IO's clients.
enum SocketFamilies {
    static func write(_ counters: SocketCounters, to text: inout PrometheusText) {
        text.family(
            "ctid_socketio_sessions", .gauge, "Socket.IO sessions open now, by what carries them.",
            EngineSession.Transport.allCases.map {
                .init(labels: [("transport", $0.rawValue)], value: Double(counters.sessions($0)))
            })
        text.family(
            "ctid_socketio_unjoined_sessions", .gauge, "Socket.IO sessions open now that joined no namespace yet.",
            [.init(value: Double(counters.unjoinedSessions))])
        let families: [(String, String, Int)] = [
            ("events_sent", "Events taken for sending to Socket.IO clients.", counters.eventsSent),
            ("ping_timeouts", "Socket.IO sessions ended because no ping was answered.", counters.pingTimeouts),
            ("refused_connects", "Socket.IO clients not let in, by their token.", counters.refusedConnects),
            (
                "protocol_errors", "Socket.IO sessions ended because of what their client sent, or did not.",
                counters.protocolErrors
            ),
        ]
        for (name, help, value) in families {
            text.family("ctid_socketio_\(name)_total", .counter, help, [.init(value: Double(value))])
        }
    }
}
