import Foundation

/// The `id` of an entry that is about a pop.
struct PopReference: Decodable {
    let id: String
    /// Of acknowledgements.
    let outcome: String?

    init?(json: [UInt8]) {
        guard let reference = try? JSONDecoder().decode(PopReference.self, from: Data(json)) else { return nil }
        self = reference
    }
}
