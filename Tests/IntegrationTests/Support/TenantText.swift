/// A tenant's file as a test needs it. By queue the record opens in the page, in the record window or in a tab.
struct TenantText: Sendable {
    static let frameQueue = "0117654321"
    static let windowQueue = "0117654322"
    static let tabQueue = "0117654323"

    var name = "acme"
    var socket: String
    var list = Notification.list
    var delivery = "at-least-once"
    var records = "http://127.0.0.1:9/record"

    var yaml: String {
        """
        display_name: \(name)
        redis:
          url: "unix://\(socket)?db=0"
          delivery: \(delivery)
          keys: { inbound: "\(list)" }
        region: ZA
        queues: { "\(Self.frameQueue)": Frame, "\(Self.windowQueue)": Window, "\(Self.tabQueue)": Tab }
        agents:
          - { extension: "1007", name: John Doe, peer: SIP/john.doe }
          - { extension: "1008", name: Jane Roe }
        rules:
          - name: In the page
            on: [up]
            when: { all: [ { queue: Frame } ] }
            do: [ { open: { url: "\(records)/{callRef}?number={callerE164}", mode: new_frame } } ]
          - name: In the record window
            on: [up]
            when: { all: [ { queue: Window } ] }
            do: [ { open: { url: "\(records)/{callRef}", mode: window } } ]
          - name: In a tab
            on: [up]
            when: { all: [ { queue: Tab } ] }
            do: [ { open: { url: "\(records)/{callRef}", mode: new_tab } } ]
          - name: On the board
            on: [up]
            do: [ { realtime: { app: TestCTI, reference: "{contactRef}", url: "https://crm.example" } } ]
        auth: { hs256_secret_file: \(name)-jwt }
        """
    }
}
