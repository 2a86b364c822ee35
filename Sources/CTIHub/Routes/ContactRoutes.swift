import CTICore
import HTTPTypes
import Hummingbird
import NIOCore

/// A tenant's contacts: who a number or a reference belongs to, and replacing what was imported.
struct ContactRoutes: Sendable {
    let gatekeeper: Gatekeeper

    private static let path: String = "/v1/:tenant/contacts"

    func add(to book: inout RouteBook) {
        book.get(Self.path) { try find($0, $1) }
        book.on(.put, Self.path) { try await replace($0, $1) }
    }

    private func find(_ request: Request, _ context: HubRequestContext) throws -> Response {
        let (contacts, tenant) = try admit(request, context, .agent)
        // A plus that was not encoded may arrive as a blank.
        let number = Self.value("number", of: request).map { $0.first == " " ? "+" + $0.dropFirst() : $0 }
        let reference = Self.value("ref", of: request)
        guard number != nil || reference != nil else {
            throw Problem.badRequest("Expected ?number= or ?ref=, not empty.")
        }
        let found = contacts.find(number: number, reference: reference, masked: tenant.page.maskNumbers)
        var json = JSONWriter(capacity: found.count + 16)
        json.object { $0.member("contacts", json: found) }
        return .json(json.bytes)
    }

    private func replace(_ request: Request, _ context: HubRequestContext) async throws -> Response {
        let (contacts, _) = try admit(request, context, .admin)
        let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() } ?? ""
        let body = request.body.map { Array($0.readableBytesView) }
        do throws(ContactRefusal) {
            return .json(try await contacts.replace(with: body, type: type.filter { $0 != " " }))
        } catch {
            throw Problem(error)
        }
    }

    private func admit(
        _ request: Request, _ context: HubRequestContext, _ scope: TokenScope
    ) throws(Problem) -> (any ContactGateway, HubTenant) {
        let name = context.parameters.get("tenant")
        let tenant = try gatekeeper.admit(request, tenant: name, scope: scope).tenant
        guard let contacts = tenant.contacts else { throw .notFound }
        return (contacts, tenant)
    }

    private static func value(_ name: Substring, of request: Request) -> String? {
        guard let text = request.uri.queryParameters[name], !text.allSatisfy({ $0 == " " }) else { return nil }
        return String(text)
    }
}

extension Problem {
    fileprivate init(_ refusal: ContactRefusal) {
        switch refusal {
        case .unknownType: self = .unsupportedType
        case .tooLarge: self = .tooLarge
        case .busy:
            self = Problem(
                status: .conflict, detail: "Another import is under way.", headers: [.retryAfter: "5"])
        case .unusable(let reason): self = .unprocessable(reason)
        case .incomplete: self = .badRequest("The body ended before its end.")
        case .unavailable(let reason): self = Problem(status: .serviceUnavailable, detail: reason)
        }
    }
}
