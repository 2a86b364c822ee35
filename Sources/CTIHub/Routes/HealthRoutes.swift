import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird
import NIOCore

/// For load balancers, containers and systemd: alive, and ready.
struct HealthRoutes: Sendable {
    let tenants: TenantRegistry

    func add(to book: inout RouteBook) {
        book.get("/healthz") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "ok\n")))
        }
        book.get("/readyz") { _, _ in await ready() }
    }

    /// One tenant that works is enough: an outage of one does not take the others out of service.
    private func ready() async -> Response {
        let readiness = await tenants.readiness()
        let isReady =
            tenants.phase == .serving && readiness.values.contains { $0.state == .ready || $0.state == .degraded }
        var json = JSONWriter()
        json.object {
            $0.member(
                "tenants",
                object: { list in
                    for (id, tenant) in readiness.sorted(by: { $0.key < $1.key }) {
                        list.member(id.rawValue, object: { tenant.write(members: &$0) })
                    }
                })
        }
        return .json(json.bytes, status: isReady ? .ok : .serviceUnavailable)
    }
}

extension Readiness {
    fileprivate func write(members json: inout JSONWriter) {
        json.member("state", state.rawValue)
        json.member("reason", reason)
        json.member("since", since)
        json.key("secondsSinceAnswer")
        json.raw(secondsSinceAnswer.map { String(($0 * 10).rounded() / 10) } ?? "null")
    }
}
