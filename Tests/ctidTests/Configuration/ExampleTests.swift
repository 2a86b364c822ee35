import CTICore
import Foundation
import Testing

@testable import ctid

/// The examples and the schemas are held against the readers' own lists of keys, so that they cannot drift apart.
struct ExampleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../../Config"
    ).standardized.path

    private static func text(of name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    @Test func `both load without an error, as a user copies them`() {
        let loaded = ConfigurationLoader(directory: Self.folder, environment: [:], missingSecretsAreErrors: false)
            .load()
        #expect(loaded.findings.filter { $0.severity == .error } == [])
        #expect(loaded.findings.allSatisfy { $0.message.contains("is not there") })
        #expect(loaded.tenants.keys.map(\.rawValue) == ["example"])
        #expect(loaded.daemon == DaemonConfiguration())
    }

    @Test func `so does what compose.yaml mounts, which listens where it can be reached`() {
        let loaded = ConfigurationLoader(
            directory: "\(Self.folder)/compose/ctid", environment: ["CREDENTIALS_DIRECTORY": "/nonexistent"],
            missingSecretsAreErrors: false
        ).load()
        #expect(loaded.findings.count == 2)
        #expect(loaded.findings.allSatisfy { $0.message.hasPrefix("/nonexistent/demo-") })
        #expect(loaded.tenants.keys.map(\.rawValue) == ["demo"])
        #expect(loaded.daemon?.listen.description == "0.0.0.0:8080")
    }

    @Test(arguments: [
        ("ctid.yaml", "schema/ctid.schema.json", DaemonKeys.sections),
        ("tenants/example.yaml", "schema/tenant.schema.json", TenantKeys.sections),
    ])
    func `every key is in the example and the schema`(
        example: String, schema: String, sections: [any SectionKey.Type]
    ) throws {
        let text = try Self.text(of: example)
        let document = try JSONSerialization.jsonObject(with: Data(Self.text(of: schema).utf8))
        for section in sections {
            let properties = try #require(Self.properties(at: section.place, in: document), "\(section.place)")
            #expect(Set(properties.keys) == Set(section.names), "\(section.place)")
            for name in section.names {
                let written = try Regex("(^|[ {#])\(name):( |$)").anchorsMatchLineEndings()
                #expect(text.contains(written), "\(section.place) \(name)")
            }
        }
    }

    @Test func `the schema's conditions name the readers' fields`() throws {
        let document = try JSONSerialization.jsonObject(with: Data(Self.text(of: "schema/tenant.schema.json").utf8))
        let definitions = (document as? [String: Any])?["$defs"] as? [String: [String: Any]]
        let fields = definitions?["condition"]?["properties"] as? [String: Any]
        let tests = definitions?["test"]?["properties"] as? [String: Any]
        #expect(Set(fields?.keys ?? [:].keys) == Set(TemplateField.names.map(\.name)))
        #expect(Set(tests?.keys ?? [:].keys) == Set(TenantKeys.ConditionTest.names))
    }

    /// Follows a place like `rules[].do[]` through a schema. `nil` where it leads nowhere, or more keys are let in.
    private static func properties(at place: String, in document: Any) -> [String: Any]? {
        var schema = document as? [String: Any]
        for step in place.split(separator: ".") {
            let name = step.hasSuffix("[]") ? String(step.dropLast(2)) : String(step)
            schema = (schema?["properties"] as? [String: Any])?[name] as? [String: Any]
            if step.hasSuffix("[]") { schema = schema?["items"] as? [String: Any] }
        }
        guard schema?["additionalProperties"] as? Bool == false else { return nil }
        return schema?["properties"] as? [String: Any]
    }
}
