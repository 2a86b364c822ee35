import AsyncHTTPClient
public import CTICore
public import CTIPipeline
import Foundation
import NIOCore
import NIOHTTP1

/// Asks an address of the tenant's own who is calling: `GET url`, answered by a contact, or a list of them, as JSON.
///
///     {"id": "17", "name": "Jane Doe", "type": "lead"}      [ {…}, {…} ]      {"contacts": [ {…} ]}
///
/// `id` may be a number; `name` and `type` may be missing. 404, 204 and an empty answer are nobody.
public struct HTTPContactLookup: ContactLookup {
    public let timeout: Duration
    private let url: Template

    private static let largestAnswer = 256 << 10
    /// Whoever waits gives up first and says so in its own words; this ends what it left behind.
    private static let grace = Duration.milliseconds(250)

    /// Never shut down: it lives as long as the process. So many connections a host that some which hang leave room.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// - Parameter url: its values are percent-encoded.
    public init(url: Template, timeout: Duration) {
        self.url = url
        self.timeout = timeout
    }

    public func contacts(for context: PlanContext) async throws(ContactLookupError) -> [Contact] {
        do {
            return try await withThrowingTaskGroup(of: [Contact].self) { group in
                group.addTask { try await ask(context) }
                // The client's own limit ends with the head of an answer. A body that never ends would keep one of the
                // connections, and in time all of them.
                group.addTask {
                    try await Task.sleep(for: timeout + Self.grace)
                    throw ContactLookupError("no whole answer within \(timeout.milliseconds) ms")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
        } catch let error as ContactLookupError {
            throw error
        } catch {
            throw ContactLookupError("no answer (\(type(of: error)))")
        }
    }

    private func ask(_ context: PlanContext) async throws(ContactLookupError) -> [Contact] {
        do {
            var request = HTTPClientRequest(url: url.renderedURL(context))
            request.headers.add(name: "Accept", value: "application/json")
            let limit = TimeAmount.milliseconds((timeout + Self.grace).milliseconds)
            let response = try await Self.client.execute(request, timeout: limit)
            switch response.status {
            case .notFound, .noContent: return []
            case .ok: break
            default: throw ContactLookupError("HTTP status \(response.status.code)")
            }
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            return try Self.contacts(in: Data(body.readableBytesView))
        } catch let error as ContactLookupError {
            throw error
        } catch let error as HTTPClientError {
            throw ContactLookupError(error.shortDescription)
        } catch is NIOTooManyBytesError {
            throw ContactLookupError("an answer of more than \(Self.largestAnswer) bytes")
        } catch {
            throw ContactLookupError("no answer (\(type(of: error)))")
        }
    }

    static func contacts(in body: Data) throws(ContactLookupError) -> [Contact] {
        guard !body.isEmpty else { return [] }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: body) else {
            throw ContactLookupError("an answer that is no contact, expected {\"id\":…,\"name\":…} or a list of them")
        }
        return answer.contacts
    }

    /// One contact, a list, or an object that holds a list.
    private struct Answer: Decodable {
        let contacts: [Contact]

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                contacts = []
            } else if let list = try? value.decode([Entry].self) {
                contacts = list.map(\.contact)
            } else if let wrapped = try? value.decode(Wrapped.self) {
                contacts = wrapped.contacts.map(\.contact)
            } else {
                contacts = [try value.decode(Entry.self).contact]
            }
        }
    }

    private struct Wrapped: Decodable { let contacts: [Entry] }

    private struct Entry: Decodable {
        let contact: Contact

        private enum CodingKeys: CodingKey { case id, name, type }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            let id: String
            if let number = try? members.decode(Int64.self, forKey: .id) {
                id = String(number)
            } else {
                id = try members.decode(String.self, forKey: .id)
            }
            contact = Contact(
                id: id, type: try members.decodeIfPresent(String.self, forKey: .type) ?? "contact",
                name: try members.decodeIfPresent(String.self, forKey: .name) ?? "")
        }
    }
}
