/// What the PBX adds to an INVITE, in the vendor's order.
enum SIPHeader: String, CaseIterable {
    case number = "Number"
    case dialNumber = "Dial-Number"
    case holdTime = "Hold-Time"
    case callRef = "Call-Ref"
    case contactRef = "Contact-Ref"
    case campaignRef = "Campaign-Ref"
    case ref = "Ref"

    /// v4.0.0 renamed the prefix; the newer one counts where both are there.
    static let prefixes = ["X-Teleforge-", "X-Platforma-"]

    /// The prefix of v3, which is understood wherever headers are.
    var name: String { "X-Platforma-" + rawValue }
    var names: [String] { Self.prefixes.map { $0 + rawValue } }
}
