import Foundation

/// The demo's configuration: written into a temporary folder, read back as anybody's would be.
struct DemoFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/ctid-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StartFailure("no temporary folder: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func write(port: Int, recordPort: Int) throws {
        try FileManager.default.createDirectory(
            atPath: "\(path)/tenants", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try write("ctid.yaml", daemon(port: port))
        try write("tenants/demo.yaml", tenant(recordPort: recordPort))
        try write("tenants/contacts.json", Self.contacts)
        var random = SystemRandomNumberGenerator()
        try write("tenants/jwt", (0..<4).map { _ in String(random.next(), radix: 36) }.joined())
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ name: String, _ text: String) throws {
        let file = "\(path)/\(name)"
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw StartFailure("\(file) cannot be written") }
    }

    private func daemon(port: Int) -> String {
        """
        http: { listen: "127.0.0.1:\(port)" }
        data_dir: \(path)/data
        log: { level: warning }
        # Calls may come faster here than anybody can answer them.
        limits: { stacked_pops: 1000 }
        """
    }

    private func tenant(recordPort: Int) -> String {
        """
        display_name: Demo
        redis:
          url: "unix://\(path)/redis.sock?db=0"
          delivery: at-least-once
          keys: { cdr: "enigma:notifications:cdr" }
        region: ZA
        queues: { "0117654321": Sales, "0117654322": Support, "0117654323": Accounts }
        agents:
          - { extension: "1001", name: Thandi Nkosi, peer: SIP/thandi }
          - { extension: "1002", name: John Doe, peer: SIP/john.doe }
          - { extension: "1003", name: Amal Haddad, peer: SIP/amal }
        contacts: { files: [contacts.json] }
        rules:
          - name: Sales opens the record in the page
            on: [up]
            when: { all: [ { queue: Sales } ] }
            do:
              - open: { url: "http://127.0.0.1:\(recordPort)/record/{contact.id|new}?number={callerE164}", mode: new_frame }
          - name: Support steers the record window
            on: [up]
            when: { all: [ { queue: Support } ] }
            do:
              - open: { url: "http://127.0.0.1:\(recordPort)/record/{contact.id|new}?number={callerE164}", mode: window }
          - name: Accounts opens a tab
            on: [up]
            when: { all: [ { queue: Accounts } ] }
            do:
              - open: { url: "http://127.0.0.1:\(recordPort)/record/{contact.id|new}?number={callerE164}", mode: new_tab }
          - name: The board sees every call
            on: [up, hangup, abandon]
            do:
              - realtime: { app: DemoCTI, reference: "{callRef}", url: "http://127.0.0.1:\(recordPort)/record/{contact.id|new}" }
        auth: { hs256_secret_file: jwt }
        """
    }

    static let contacts = """
        [
          { "id": "C-1001", "type": "contact", "name": "Lerato Mokoena", "phones": ["+27821234567"], "references": ["A-17"] },
          { "id": "C-1002", "type": "contact", "name": "Pieter van der Merwe", "phones": ["+27831112233"] },
          { "id": "C-1003", "type": "account", "name": "Karoo Traders", "phones": ["+27118889999", "+27118889998"] },
          { "id": "C-1004", "type": "contact", "name": "Ayesha Patel", "phones": ["+27844445566"], "references": ["B-204"] }
        ]
        """
}
