import Foundation
import Hummingbird
import Logging

/// What stands in for a CRM in the demo: a page for each record, on a port of its own, as a CRM's would be.
enum DemoCRM {
    static func build(port: Int, logger: Logger) -> some ApplicationProtocol {
        let router = Router()
        router.get("record/:id") { request, context in
            let id = context.parameters.get("id") ?? "new"
            let number = request.uri.queryParameters["number"].map(String.init) ?? ""
            return Response(
                status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: page(id: id, number: number))))
        }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), serverName: nil),
            logger: logger)
    }

    private struct Record: Decodable {
        var id: String
        var type: String
        var name: String
        var phones: [String]
    }

    private static let records =
        (try? JSONDecoder().decode([Record].self, from: Data(DemoFolder.contacts.utf8))) ?? []

    private static func page(id: String, number: String) -> String {
        let record = records.first { $0.id == id }
        let title = record?.name ?? "New contact"
        let phones = record?.phones ?? [number]
        return """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>\(escaped(title))</title>
            <style>
              body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #1d2733; background: #f6f7f9 }
              header { background: #23424a; color: #fff; padding: 1rem 1.5rem }
              header small { opacity: .75; text-transform: uppercase; letter-spacing: .08em }
              h1 { margin: 0; font-size: 1.5rem } dl { margin: 1.5rem; display: grid; grid-template-columns: 8rem 1fr; gap: .5rem }
              dt { color: #66727f } dd { margin: 0 }
            </style>
            <header><small>\(escaped(record?.type ?? "contact"))</small><h1>\(escaped(title))</h1></header>
            <dl><dt>Record</dt><dd>\(escaped(id))</dd><dt>Phone</dt><dd>\(escaped(phones.joined(separator: ", ")))</dd>
            <dt>Opened for</dt><dd>\(escaped(number.isEmpty ? "a withheld number" : number))</dd></dl></html>
            """
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
