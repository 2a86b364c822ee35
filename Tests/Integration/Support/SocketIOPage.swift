import Foundation

/// A page of a CRM with the official Socket.IO client in it, as a developer would write it.
///
/// It is told by what stands behind its `#`: a JSON object of `url` and `options`. `seen` is what happened, `socket` the socket.
enum SocketIOPage {
    static func server() throws -> PageServer {
        let client = try String(contentsOfFile: SocketPeer.browserClient, encoding: .utf8)
        let script = PageServer.Reply(headers: ["Content-Type": "text/javascript; charset=utf-8"], body: client)
        return try PageServer(["/": PageServer.Reply(body: text), "/socket.io.min.js": script])
    }

    static func address(_ page: PageServer, _ daemon: String, _ options: [String: Any]) throws -> String {
        let asked: [String: Any] = ["url": daemon, "options": options]
        let json = String(decoding: try JSONSerialization.data(withJSONObject: asked), as: UTF8.self)
        return page.origin + "/#" + (json.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    }

    private static let text = """
        <!doctype html><meta charset="utf-8"><title>CRM</title>
        <script src="/socket.io.min.js"></script>
        <script>
        const { url, options } = JSON.parse(decodeURIComponent(location.hash.slice(1)))
        const seen = []
        const socket = io(url, { reconnectionDelay: 100, reconnectionDelayMax: 300, ...options })
        socket.on("connect", () => seen.push({ name: "connect", recovered: socket.recovered }))
        socket.on("connect_error", (error) => seen.push({ name: "error", message: error.message, data: error.data }))
        socket.on("disconnect", (reason) => seen.push({ name: "disconnect", reason }))
        socket.onAny((name, data) => seen.push({ name, data }))
        socket.on("pop", (...all) => all.at(-1)("handled"))
        const names = () => seen.map((each) => each.name)
        const refs = () => seen.filter((each) => each.name === "call").map((each) => each.data.call.ref)
        const transport = () => socket.io.engine?.transport?.name
        </script>
        """
}
